package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.RuntimeProcess;

/** An invalid setting or route file stops the start with exit code 1 and one line that names it. */
@Tag("slow")
class StartupTest {
  private static final String ROUTE =
      """
      - route:
          id: tick
          from:
            uri: timer
            parameters:
              timerName: tick
            steps:
              - log:
                  message: tick
      """;

  @TempDir Path directory;

  @BeforeEach
  void writeOneValidRoute() throws Exception {
    Files.writeString(directory.resolve("tick.camel.yaml"), ROUTE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GATEWAYS             | azur      | gateways: unknown gateway "azur"; use one of aws, azure, google, mqtt, pubsub, optionally with a word of a-z and 0-9, such as mqtt-plant
          GATEWAYS             | mqtt      | mqtt.url: is not set
          GATEWAYS             | azure     | azure.connection-string: is not set
          GATEWAYS             | aws       | aws.
          GATEWAYS             | google    | google.project: is not set
          GATEWAYS             | pubsub    | gateways: pubsub needs the build with -Ppubsub
          COLLECT_PERIOD       | 10q       | collect.period: "10q" is not a time
          COLLECT_PERIOD       | 0s        | collect.period: "0s" is not a time
          BUS_MAX_BYTES        | 3 apples  | bus.max-bytes: "3 apples" is not a size
          BUS_MAX_AGE          | soon      | bus.max-age: "soon" is not a time
          COMMANDS_ALLOW       | a.b       | commands.allow: "a.b" is not a name; use 1 to 64 letters
          DEVICE_ID            | a.b       | device.id: "a.b" is not a device id; use 1 to 128 letters
          DEVICE_LABELS        | berlin    | device.labels: "berlin" is not a label
          DATA_DIRECTORY       | /dev/null | data.directory: /dev/null cannot be written
          RECONNECT_MAX        | 110000d   | reconnect.max: "110000d" must be at most 36500d
          HTTP_PORT            | web       | http.port: "web" must be a number between 1 and 65535
          HTTP_HOST            | 192.0.2.1 | http.host: other machines can reach 192.0.2.1; set http.users
          NATS_SERVERS         | na ts     | nats.servers: address 1 of 1 is malformed
          SHUTDOWN_TIMEOUT     | long      | shutdown.timeout: "long" is not a time
          ROUTES_INCLUDE       | tick,tok* | contains no file tok*.camel.yaml
          ROUTES_INCLUDE       | a.b       | routes.include: "a.b" is not a route name
          ROUTES_DIRECTORY     | /nowhere  | routes.directory: there is no folder /nowhere
          MQTT_PASSWORD_FILE   | /nowhere  | MQTT_PASSWORD_FILE: there is no file /nowhere
          NATS_CREDENTIALS     | /nowhere  | nats.credentials: there is no file /nowhere
          NATS_CA              | /nowhere  | nats.ca: there is no file /nowhere
          TLS_VERIFY_HOST_NAME | no        | tls.verify-host-name: "no" must be true or false
          ROUTES_RELOAD        | maybe     | routes.reload: "maybe" must be true or false
          """)
  void reportsAnInvalidSettingInOneLine(String key, String value, String says) throws Exception {
    assertThat(failure(Map.of(key, value))).contains(says);
  }

  @Test
  void namesAPortInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      assertThat(failure(Map.of("HTTP_PORT", port)))
          .contains("http.port: cannot listen on 127.0.0.1:" + port + ": Address already in use");
    }
  }

  @Test
  void namesAFolderWithoutRouteFiles() throws Exception {
    Files.delete(directory.resolve("tick.camel.yaml"));
    Files.createFile(directory.resolve("notes.txt"));
    assertThat(failure(Map.of()))
        .contains(
            "routes.directory: " + directory + " contains no route file (NAME.camel.yaml); copy");
  }

  @Test
  void reportsARouteFileThatIsNestedTooDeeply() throws Exception {
    Files.writeString(directory.resolve("deep.camel.yaml"), "[".repeat(20_000));
    assertThat(failure(Map.of()))
        .contains("a file in " + directory + " is nested too deeply; find it with check");
  }

  @Test
  void namesARouteFileThatIsNotText() throws Exception {
    Files.write(directory.resolve("binary.camel.yaml"), new byte[] {'-', ' ', 1, 2, 3});
    assertThat(failure(Map.of())).contains("binary.camel.yaml: ");
  }

  @Test
  void readsTheFilesOfAGatewayAtStartup() throws Exception {
    assertThat(
            failure(
                Map.of(
                    "GATEWAYS", "mqtt", "MQTT_URL", "ssl://broker:8883", "MQTT_CA", "/no/ca.pem")))
        .contains("mqtt.ca: there is no file /no/ca.pem");
    Path notPem = directory.resolve("tick.camel.yaml");
    assertThat(
            failure(
                Map.of(
                    "GATEWAYS",
                    "mqtt",
                    "MQTT_URL",
                    "ssl://broker:8883",
                    "MQTT_CA",
                    notPem.toString())))
        .contains("mqtt.ca")
        .contains(notPem.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - log:            | - logg:             | tick.camel.yaml:8: Unknown node id: logg
          timerName: tick   | timerNam: tick      | tick.camel.yaml:4: timer needs the option timerName
          message: tick     | mesage: tick        | tick.camel.yaml:9: Unsupported field: mesage
          message: tick     | message: '{{nope}}' | tick.camel.yaml:9: unknown setting nope
          uri: timer        | uri: timr           | tick.camel.yaml:4: unknown component timr
          steps:            | steps               | tick.camel.yaml:7
          """)
  void reportsAnInvalidRouteFileWithItsLine(String right, String wrong, String says)
      throws Exception {
    Files.writeString(directory.resolve("tick.camel.yaml"), ROUTE.replace(right, wrong));
    assertThat(failure(Map.of())).contains(says);
  }

  @Test
  void warnsAboutAMisspelledSettingAndStarts() throws Exception {
    Map<String, String> settings =
        Map.of(
            "ROUTES_DIRECTORY", directory.toString(), "COLLECT_PERIODE", "5s", "AWS_REGION", "x");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/live").status() == 200);
      assertThat(runtime.output())
          .anyMatch(
              line ->
                  line.endsWith(
                      "WARN  Startup - COLLECT_PERIODE: unknown setting; did you mean"
                          + " COLLECT_PERIOD?"))
          .noneMatch(line -> line.contains("AWS_REGION"));
    }
  }

  /** Returns the one line that it prints before it exits. */
  private String failure(Map<String, String> wrong) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("ROUTES_DIRECTORY", directory.toString());
    settings.putAll(wrong);
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      assertThat(runtime.awaitExit()).as("exit code of %s", runtime.output()).isEqualTo(1);
      List<String> output = runtime.output();
      assertThat(output).hasSize(1);
      return output.get(0);
    }
  }
}
