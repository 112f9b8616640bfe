package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.NatsServer;
import routes.RoutesYaml;
import routes.sandbox.RuntimeProcess;

/** The built-in commands and a custom one, in the whole runtime. */
@Tag("slow")
@Timeout(90)
class BuiltInCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final NatsServer nats = new NatsServer();

  @TempDir Path folder;
  private final List<RuntimeProcess> started = new ArrayList<>();
  private RuntimeProcess runtime;

  @AfterEach
  void stop() {
    started.forEach(RuntimeProcess::close);
    for (RuntimeProcess ended : started) {
      assertThat(ended.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
    }
    assertThat(Path.of("data")).as("the default data.directory").doesNotExist();
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path stored() {
    return data().resolve("collect-period");
  }

  private void givenRuntime(Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "edge-1");
    settings.put("GATEWAYS", "none");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "500ms");
    settings.put("DATA_DIRECTORY", data().toString());
    settings.putAll(more);
    runtime = RuntimeProcess.start(settings);
    started.add(runtime);
    until(() -> runtime.get("/health/ready").status() == 200);
    until(() -> request("ping", "") != null);
  }

  /** A copy of routes-yaml, to edit. */
  private Path copyOfRoutes() throws IOException {
    return RoutesYaml.copyTo(Files.createDirectory(folder.resolve("routes")));
  }

  /** The reply, or null if there is none. */
  private String request(String command, String payload) throws Exception {
    Message reply =
        nats.connection()
            .request(
                "commands.edge-1." + command,
                payload.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(10));
    return reply == null ? null : new String(reply.getData(), StandardCharsets.UTF_8);
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).until(condition);
  }

  private long samples() throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getStreamInfo("TELEMETRY")
        .getStreamState()
        .getMsgCount();
  }

  private void untilMoreSamples() throws Exception {
    long before = samples();
    until(() -> samples() >= before + 3);
  }

  private boolean printed(String part) {
    return runtime.output().stream().anyMatch(line -> line.contains(part));
  }

  @Test
  void pingReturnsDeviceAndTime() throws Exception {
    givenRuntime(Map.of());
    for (String payload : new String[] {"", "{\"a\":1}", "${exception}", "\u0000{{nope}}"}) {
      JsonNode pong = JSON.readTree(request("ping", payload));
      assertThat(pong.size()).isEqualTo(2);
      assertThat(pong.path("deviceId").asText()).isEqualTo("edge-1");
      assertThat(Instant.parse(pong.path("timestamp").asText()))
          .isBetween(Instant.now().minusSeconds(5), Instant.now().plusSeconds(5));
    }
    assertThat(data()).as("created only when there is something to store").doesNotExist();
  }

  @Test
  void sampleReturnsANewSampleWithoutPublishingIt() throws Exception {
    givenRuntime(Map.of());
    until(() -> samples() == 1);
    JsonNode first = JSON.readTree(request("sample", ""));
    JsonNode second = JSON.readTree(request("sample", "x".repeat(10_000)));
    assertThat(first.path("deviceId").asText()).isEqualTo("edge-1");
    assertThat(first.at("/metrics/system/memory/usage/used").asLong()).isPositive();
    assertThat(second.path("id").asText()).isGreaterThan(first.path("id").asText());
    assertThat(samples()).isEqualTo(1);
  }

  @Test
  void collectPeriodTakesEffectAtOnceAndSurvivesARestart() throws Exception {
    givenRuntime(Map.of());
    assertThat(request("collect-period", "")).isEqualTo("{\"period\":\"1h\"}");
    assertThat(request("collect-period", "{\"period\":\"500ms\"}"))
        .isEqualTo("{\"period\":\"500ms\"}");
    assertThat(printed("collect.period is now 500ms")).isTrue();
    untilMoreSamples();
    for (String asks : new String[] {"", " ", "{}", "null", "{\"period\":null}"}) {
      assertThat(request("collect-period", asks)).isEqualTo("{\"period\":\"500ms\"}");
    }
    assertThat(stored()).hasContent("500ms");
    assertThat(data()).isDirectoryNotContaining("glob:**.new");
    runtime.close();

    givenRuntime(Map.of());
    assertThat(runtime.output().get(0))
        .endsWith(
            "collect.period is 500ms, set by the command collect-period; delete "
                + stored()
                + " to restore 1h");
    untilMoreSamples();
    assertThat(request("collect-period", "\"1d\"")).isEqualTo("{\"period\":\"1d\"}");
    runtime.close();

    Files.delete(stored());
    givenRuntime(Map.of());
    assertThat(request("collect-period", "")).isEqualTo("{\"period\":\"1h\"}");
    assertThat(printed("collect.period is")).isFalse();
  }

  @Test
  void rejectsAnInvalidPeriod() throws Exception {
    givenRuntime(Map.of());
    for (String wrong :
        new String[] {
          "5s",
          "\"499ms\"",
          "\"25h\"",
          "\"2d\"",
          "\"0s\"",
          "\"-5s\"",
          "\"5\"",
          "5000",
          "\"5 s\"",
          "{\"period\":5}",
          "{\"period\":\"soon\"}",
          "{\"period\":{\"period\":\"5s\"}}",
          "{",
          "[]",
          "[\"5s\"]",
          "{\"a\":1}",
          "true",
          "\"999999999d\"",
          "\"9999999999s\"",
          "\"{{nats.servers}}\"",
          "\"" + "5".repeat(5000) + "s\"",
          "[".repeat(5000),
          "\u0000\u00ff"
        }) {
      JsonNode refusal = JSON.readTree(request("collect-period", wrong));
      assertThat(refusal.path("status").asInt()).as(wrong).isEqualTo(400);
      assertThat(refusal.path("error").asText()).contains("between 500ms and 1d");
    }
    assertThat(request("collect-period", "")).isEqualTo("{\"period\":\"1h\"}");
    assertThat(data()).doesNotExist();
  }

  @Test
  void reportsAndIgnoresADamagedFile() throws Exception {
    Files.createDirectory(data());
    Files.writeString(stored(), "5");
    givenRuntime(Map.of());
    assertThat(runtime.output().get(0))
        .contains("WARN")
        .endsWith(
            "collect.period is 1h: " + stored() + " is ignored: it contains no time such as 5s");
    assertThat(request("collect-period", "")).isEqualTo("{\"period\":\"1h\"}");
    assertThat(request("collect-period", "\"2h\"")).isEqualTo("{\"period\":\"2h\"}");
    assertThat(stored()).hasContent("2h");
    runtime.close();

    Files.delete(stored());
    Files.createDirectory(stored());
    givenRuntime(Map.of());
    assertThat(runtime.output().get(0)).contains("WARN").contains(stored() + " is ignored");
    assertThat(request("collect-period", "\"5s\"")).contains("\"status\":500");
  }

  @Test
  void namesAFolderThatBecomesUnwritable() throws Exception {
    givenRuntime(Map.of());
    Files.writeString(data(), "a file in its place");
    JsonNode refusal = JSON.readTree(request("collect-period", "\"5s\""));
    assertThat(refusal.path("status").asInt()).isEqualTo(500);
    assertThat(refusal.path("error").asText())
        .startsWith("data.directory: cannot write " + stored() + " (")
        .hasLineCount(1);
    assertThat(request("collect-period", "")).isEqualTo("{\"period\":\"1h\"}");
  }

  @Test
  void collectPeriodWorksAfterItsRouteIsEdited() throws Exception {
    Path routes = copyOfRoutes();
    givenRuntime(Map.of("ROUTES_DIRECTORY", routes.toString()));
    Path file = routes.resolve("collect-metrics.camel.yaml");
    String text = Files.readString(file);
    request("collect-period", "\"500ms\"");
    Files.writeString(file, text + "\n# edited\n");
    until(() -> printed("collect-metrics.camel.yaml: reloaded"));
    assertThat(request("collect-period", "")).isEqualTo("{\"period\":\"500ms\"}");
    untilMoreSamples();
    assertThat(request("collect-period", "\"1h\"")).isEqualTo("{\"period\":\"1h\"}");
    long before = samples();
    until(() -> samples() == before + 1); // the first one of the restarted route
    assertThat(request("collect-period", "\"600ms\"")).isEqualTo("{\"period\":\"600ms\"}");
    untilMoreSamples();
    Files.delete(file);
    until(() -> printed("collect-metrics.camel.yaml: removed"));
    assertThat(request("collect-period", "\"5s\"")).contains("\"status\":409");
    assertThat(stored()).hasContent("600ms");
    assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
  }

  @Test
  void answersAgainAfterNatsIsKilled() throws Exception {
    givenRuntime(Map.of());
    nats.kill();
    until(() -> runtime.get("/health/ready").status() == 503);
    nats.start();
    until(() -> runtime.get("/health/ready").status() == 200);
    until(() -> request("ping", "") != null);
    until(() -> "{\"period\":\"500ms\"}".equals(request("collect-period", "\"500ms\"")));
    untilMoreSamples();
    until(() -> String.valueOf(request("sample", "")).contains("\"metrics\""));
  }

  @Test
  void aCustomCommandIsOneRouteFile() throws Exception {
    Path routes = copyOfRoutes();
    Files.writeString(
        routes.resolve("serve-command-gateways.camel.yaml"),
        """
        # The command gateways: answers how each gateway is doing.
        - route:
            id: serve-command-gateways
            description: Answers the command gateways
            group: servers
            from:
              uri: nats
              parameters:
                topic: "commands.{{device.id}}.gateways"
                connection: "#nats"
              steps:
                - setBody:
                    expression:
                      simple:
                        expression: "${bean:gateways?method=status}"
                - marshal:
                    json: {}
        """);
    Files.writeString(
        routes.resolve("serve-command-broken.camel.yaml"),
        """
        - route:
            id: serve-command-broken
            group: servers
            from:
              uri: nats
              parameters:
                topic: "commands.{{device.id}}.broken"
                connection: "#nats"
              steps:
                - throwException:
                    exceptionType: java.lang.IllegalStateException
                    message: broken on purpose
        """);
    // like a commands-<cloud> route, with HTTP in place of the cloud
    Files.writeString(
        routes.resolve("commands-test.camel.yaml"),
        """
        - route:
            id: commands-test
            group: commands
            from:
              uri: platform-http
              parameters:
                path: /command
              steps:
                - setHeader:
                    name: Command-Name
                    simple: "${header.name}"
                - process:
                    ref: commands
                - setHeader:
                    name: CamelHttpResponseCode
                    simple: "${header.Command-Status}"
        """);
    Files.writeString(
        routes.resolve("commands-desired.camel.yaml"),
        """
        - route:
            id: commands-desired
            group: commands
            from:
              uri: platform-http
              parameters:
                path: /desired
              steps:
                - setBody:
                    constant: "{}"
                - to:
                    uri: nats
                    pattern: InOnly # as what comes by MQTT is
                    parameters:
                      topic: "desired.{{device.id}}"
                      connection: "#nats"
        """);
    givenRuntime(
        Map.of(
            "ROUTES_DIRECTORY",
            routes.toString(),
            "COMMANDS_ALLOW",
            "ping,gateways,broken,collect-period,nobody"));
    RuntimeProcess.Answer gateways = command("gateways");
    assertThat(gateways.status()).isEqualTo(200);
    assertThat(gateways.body()).isEqualTo("[]");
    assertThat(command("ping").body()).contains("edge-1");
    assertThat(command("collect-period").body()).isEqualTo("{\"period\":\"1h\"}");
    assertThat(command("nobody").status()).isEqualTo(404);
    assertThat(command("sample").status()).isEqualTo(403);
    assertThat(command("..").status()).isEqualTo(400);

    String refusal = "{\"status\":500,\"error\":\"the request failed; see the device log\"}";
    assertThat(request("broken", "{\"secret\":1}")).isEqualTo(refusal);
    RuntimeProcess.Answer broken = command("broken");
    assertThat(broken.status()).isEqualTo(500);
    assertThat(broken.body()).isEqualTo(refusal);
    assertThat(printed("WARN  serve-command-broken - broken on purpose")).isTrue();
    assertThat(runtime.get("/metrics").body())
        .contains("command_requests_total{name=\"ping\",status=\"200\"} 1.0")
        .contains("command_requests_total{name=\"other\",status=\"403\"} 1.0");
    assertThat(runtime.get("/desired").status()).isEqualTo(200);

    nats.kill();
    until(() -> runtime.get("/health/ready").status() == 503);
    assertThat(command("ping").status()).isEqualTo(503);
    // handled, so that the callback of an MQTT client sees no exception
    assertThat(runtime.get("/desired").status()).isEqualTo(200);
    until(() -> runtime.output().stream().anyMatch(line -> line.contains("commands-desired")));
    assertThat(runtime.output().stream().filter(line -> line.contains("commands-desired")))
        .singleElement()
        .asString()
        .endsWith("WARN  commands-desired - NATS at 127.0.0.1:" + nats.port() + " is unavailable");
  }

  private RuntimeProcess.Answer command(String name) throws InterruptedException {
    return runtime.get("/command?name=" + name);
  }
}
