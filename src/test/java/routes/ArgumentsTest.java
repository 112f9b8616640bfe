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

/** The command line arguments, and the first log lines of a start without arguments. */
class ArgumentsTest {
  @TempDir Path folder;

  private static List<String> output(int code, String... arguments) throws Exception {
    // an invalid setting, which neither argument reads
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
  void anUnknownArgumentRefersToHelp() throws Exception {
    assertThat(output(2, "--halp"))
        .containsExactly(
            "cloud-iot-routes: unknown argument \"--halp\"; --help lists the arguments");
  }

  @Test
  void startupLogsVersionAddressPeriodRoutesAndThatNothingIsForwarded() throws Exception {
    Files.copy(
        Path.of("routes-yaml/serve-home.camel.yaml"), folder.resolve("serve-home.camel.yaml"));
    Map<String, String> settings =
        Map.of("ROUTES_DIRECTORY", folder.toString(), "COLLECT_PERIOD", "7s", "GATEWAYS", "");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.output().stream().anyMatch(line -> line.contains("gateways is")));
      assertThat(runtime.output())
          .anyMatch(
              line ->
                  line.endsWith(
                      "INFO  Startup - cloud-iot-routes dev on Java %s: %s, collect.period 7s, routes in %s"
                          .formatted(Runtime.version(), runtime.url(""), folder)))
          .anyMatch(
              line ->
                  line.contains("INFO  Startup - gateways is empty: telemetry stays on the bus"));
    }
  }

  /** The packaged route files, no settings, and no NATS. */
  @Test
  void explainsWhatToSetAndServesThePageWithoutSettings() throws Exception {
    RoutesYaml.copyTo(folder);
    Map<String, String> settings =
        Map.of(
            "ROUTES_DIRECTORY",
            folder.toString(),
            "DATA_DIRECTORY",
            folder.resolve("data").toString(),
            "NATS_SERVERS",
            "nats://token@127.0.0.1:1");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> runtime.get("/").status() == 200);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.output().stream().anyMatch(line -> line.contains("status page")));
      List<String> lines =
          runtime.output().stream()
              .filter(line -> line.contains("INFO  Startup - "))
              .map(line -> line.replaceFirst(".*INFO  Startup - ", ""))
              .toList();
      assertThat(lines.subList(lines.size() - 3, lines.size()))
          .containsExactly(
              "gateways is not set, so telemetry stays on this device. To forward it, set for"
                  + " example gateways = mqtt and mqtt.url = tcp://broker:1883",
              "set them in a file that --settings names, or as GATEWAYS and MQTT_URL in the"
                  + " environment; check validates them",
              "the status page is %s; samples need NATS with JetStream at nats://127.0.0.1:1"
                      .formatted(runtime.url(""))
                  + " (nats-server -js -a 127.0.0.1)");
      assertThat(runtime.get("/").body()).contains("<html");
    }
  }
}
