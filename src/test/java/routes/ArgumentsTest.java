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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.RuntimeProcess;

/** The arguments of the jar, and the first lines of the log without any. */
class ArgumentsTest {
  @TempDir Path folder;

  private static List<String> output(int code, String... arguments) throws Exception {
    // a wrong setting: neither argument looks at them
    try (RuntimeProcess runtime = RuntimeProcess.start(Map.of("COLLECT_PERIOD", "x"), arguments)) {
      assertThat(runtime.awaitExit()).isEqualTo(code);
      return runtime.output();
    }
  }

  @Test
  void versionPrintsTheVersion() throws Exception {
    assertThat(output(0, "--version"))
        .singleElement()
        .asString()
        .matches("cloud-iot-routes (dev|\\d+\\.\\d+\\.\\d+.*)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h"})
  void helpListsTheArguments(String argument) throws Exception {
    assertThat(String.join("\n", output(0, argument)))
        .contains("java -jar cloud-iot-routes.jar check [FOLDER]")
        .contains("dead show N")
        .contains("--version")
        .contains("NATS_SERVERS");
  }

  @Test
  void anUnknownArgumentPointsAtTheHelp() throws Exception {
    assertThat(output(2, "--halp"))
        .containsExactly(
            "cloud-iot-routes: unknown argument \"--halp\"; --help lists the arguments");
  }

  @Test
  void theStartLogsVersionAddressPeriodAndRoutesAndThatNothingIsForwarded() throws Exception {
    Files.copy(
        Path.of("routes-yaml/serve-home.camel.yaml"), folder.resolve("serve-home.camel.yaml"));
    Map<String, String> settings =
        Map.of("ROUTES_DIRECTORY", folder.toString(), "COLLECT_PERIOD", "7s");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> runtime.output().stream().anyMatch(line -> line.contains("gateways is")));
      assertThat(runtime.output())
          .anyMatch(
              line ->
                  line.endsWith(
                      "INFO  Startup - cloud-iot-routes dev on Java %s: %s, collect.period 7s, routes in %s"
                          .formatted(Runtime.version(), runtime.url(""), folder)))
          .anyMatch(
              line ->
                  line.contains(
                      "INFO  Startup - gateways is empty: telemetry stays on this device"));
    }
  }
}
