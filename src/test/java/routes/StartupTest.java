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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.RuntimeProcess;

/** A mistake stops the start: exit code 1 and one line that names the setting or the file. */
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
  void oneGoodRoute() throws Exception {
    Files.writeString(directory.resolve("tick.camel.yaml"), ROUTE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GATEWAYS             | azur      | gateways: unknown gateway "azur"; use one of aws, azure, google, mqtt, pubsub, or one of them with a word of a-z and 0-9: mqtt-plant
          GATEWAYS             | mqtt      | mqtt.url: is not set
          GATEWAYS             | azure     | azure.connection-string: is not set
          GATEWAYS             | aws       | aws.
          GATEWAYS             | google    | google.project: is not set
          GATEWAYS             | pubsub    | gateways: pubsub needs the build with -Ppubsub
          COLLECT_PERIOD       | 10q       | collect.period: "10q" is no time
          COLLECT_PERIOD       | 0s        | collect.period: "0s" is no time
          BUS_MAX_BYTES        | 3 apples  | bus.max-bytes: "3 apples" is no size
          BUS_MAX_AGE          | soon      | bus.max-age: "soon" is no time
          COMMANDS_ALLOW       | a.b       | commands.allow: "a.b" should be 1 to 64 letters
          DEVICE_ID            | a.b       | device.id: "a.b" should be 1 to 128 letters
          DEVICE_LABELS        | berlin    | device.labels: "berlin" is no label
          DATA_DIRECTORY       | /dev/null | data.directory: /dev/null cannot be written
          RECONNECT_MAX        | 110000d   | reconnect.max: "110000d" should be 36500d at most
          HTTP_PORT            | web       | http.port: "web" should be a number from 1 to 65535
          HTTP_HOST            | 192.0.2.1 | can't be had
          NATS_SERVERS         | na ts     | nats.servers: address 1 of 1 is malformed
          SHUTDOWN_TIMEOUT     | long      | shutdown.timeout: "long" is no time
          ROUTES_INCLUDE       | tick,tok* | is called tok*.camel.yaml
          ROUTES_INCLUDE       | a.b       | routes.include: "a.b" is no name of a route
          ROUTES_DIRECTORY     | /nowhere  | routes.directory: there is no folder /nowhere
          MQTT_PASSWORD_FILE   | /nowhere  | MQTT_PASSWORD_FILE: there is no file /nowhere
          NATS_CREDENTIALS     | /nowhere  | nats.credentials: there is no file /nowhere
          NATS_CA              | /nowhere  | nats.ca: there is no file /nowhere
          TLS_VERIFY_HOST_NAME | no        | tls.verify-host-name: "no" should be true or false
          ROUTES_RELOAD        | maybe     | routes.reload: "maybe" should be true or false
          """)
  void aMistakeInASettingIsToldInOneLine(String key, String value, String says) throws Exception {
    assertThat(failure(Map.of(key, value))).contains(says);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      assertThat(failure(Map.of("HTTP_PORT", port)))
          .contains("http.port: " + port + " on 127.0.0.1 can't be had: Address already in use");
    }
  }

  @Test
  void aFolderWithoutRouteFilesIsNamed() throws Exception {
    Files.delete(directory.resolve("tick.camel.yaml"));
    Files.createFile(directory.resolve("notes.txt"));
    assertThat(failure(Map.of()))
        .contains("routes.directory: " + directory + " holds no route file (NAME.camel.yaml): put");
  }

  @Test
  void aRouteFileThatIsNestedTooDeeplyIsToldOf() throws Exception {
    Files.writeString(directory.resolve("deep.camel.yaml"), "[".repeat(20_000));
    assertThat(failure(Map.of()))
        .contains("a file of " + directory + " is nested too deeply: check tells which");
  }

  @Test
  void aRouteFileThatIsNoTextIsNamed() throws Exception {
    Files.write(directory.resolve("binary.camel.yaml"), new byte[] {'-', ' ', 1, 2, 3});
    assertThat(failure(Map.of())).contains("binary.camel.yaml: ");
  }

  @Test
  void aGatewaysFilesAreReadBeforeTheStart() throws Exception {
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
          message: tick     | message: '{{nope}}' | tick.camel.yaml:9: there is no setting nope
          uri: timer        | uri: timr           | tick.camel.yaml:4: there is no component timr
          steps:            | steps               | tick.camel.yaml:7
          """)
  void aMistakeInARouteFileIsToldByFileAndLine(String right, String wrong, String says)
      throws Exception {
    Files.writeString(directory.resolve("tick.camel.yaml"), ROUTE.replace(right, wrong));
    assertThat(failure(Map.of())).contains(says);
  }

  @Test
  void aMisspeltSettingIsWarnedOfAndStopsNothing() throws Exception {
    Map<String, String> settings =
        Map.of(
            "ROUTES_DIRECTORY", directory.toString(), "COLLECT_PERIODE", "5s", "AWS_REGION", "x");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> runtime.get("/health/live").status() == 200);
      assertThat(runtime.output())
          .anyMatch(
              line ->
                  line.endsWith(
                      "WARN  Startup - COLLECT_PERIODE: no setting has this name: did you mean"
                          + " COLLECT_PERIOD?"))
          .noneMatch(line -> line.contains("AWS_REGION"));
    }
  }

  /** The one line that it ends with. */
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
