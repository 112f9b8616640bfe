package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** {@code --settings FILE}, for the runtime and its subcommands. */
class SettingsArgumentTest {
  @TempDir Path folder;

  private Path settings(String... lines) throws Exception {
    return Files.writeString(folder.resolve("settings.properties"), String.join("\n", lines));
  }

  private List<String> output(int code, Map<String, String> environment, String... words)
      throws Exception {
    try (RuntimeProcess runtime = RuntimeProcess.start(environment, words)) {
      assertThat(runtime.awaitExit()).as("exit code of %s", runtime.output()).isEqualTo(code);
      return runtime.output();
    }
  }

  @Test
  void theRuntimeUsesTheFileAndTheEnvironmentOverridesIt() throws Exception {
    Path routes = Files.createDirectory(folder.resolve("routes"));
    Files.copy(
        Path.of("routes-yaml/serve-home.camel.yaml"), routes.resolve("serve-home.camel.yaml"));
    Path file =
        settings(
            "routes.directory = " + routes,
            "data.directory = " + folder.resolve("data"),
            "collect.period = 7s",
            "camel.main.name = from-the-file",
            "http.port = 1",
            "mqtt.ulr = x");
    try (RuntimeProcess runtime = RuntimeProcess.start(Map.of(), "--settings", file.toString())) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/live").status() == 200);
      assertThat(runtime.output())
          .anyMatch(line -> line.contains("collect.period 7s, settings in " + file))
          .anyMatch(line -> line.contains("WARN") && line.contains(file + ":6: mqtt.ulr: unknown"));
    }
  }

  @Test
  void rejectsAMissingFileAndAMissingName() throws Exception {
    assertThat(output(1, Map.of(), "--settings", "/nowhere"))
        .containsExactly("cloud-iot-routes: --settings: there is no file /nowhere");
    assertThat(output(2, Map.of(), "--settings"))
        .containsExactly("cloud-iot-routes: --settings needs a file: --settings FILE");
  }

  @Test
  void anErrorNamesFileAndLine() throws Exception {
    String file = settings("# comment", "gateways = mqtt", "collect.period = 10q").toString();
    assertThat(output(1, Map.of(), "--settings", file))
        .singleElement()
        .asString()
        .contains(file + ":3: collect.period: \"10q\" is not a time");
    assertThat(output(1, Map.of(), "check", "--settings", file))
        .anyMatch(line -> line.contains(file + ":3: collect.period: \"10q\" is not a time"))
        .anyMatch(line -> line.contains("mqtt.url: is not set"));
    assertThat(output(1, Map.of("NATS_SERVERS", "na ts"), "--settings", file, "dead"))
        .singleElement()
        .asString()
        .startsWith("cloud-iot-routes: nats.servers: address 1 of 1 is malformed");
    settings("collect.period");
    assertThat(output(1, Map.of(), "--settings", file, "check"))
        .anyMatch(line -> line.contains(file + ":1: is not a setting; write key = value"));
  }
}
