package routes.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.NatsServer;
import routes.RoutesYaml;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;
import routes.uplink.Reply;

/** The commands for operators in the whole runtime, as requests on NATS. */
@Timeout(120)
class OperationsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String PASSWORD = "correct-horse-battery";

  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @TempDir static Path folder;
  private static MeanBroker broker;
  private static RuntimeProcess runtime;
  private static JsonNode firstLog;

  @BeforeAll
  static void start() throws Exception {
    broker = new MeanBroker();
    broker.publishAnswer = message -> message.topic().contains("/bad") ? 0x83 : 0;
    broker.start(0);
    Path routes = RoutesYaml.copyTo(Files.createDirectory(folder.resolve("routes")));
    Files.writeString(
        routes.resolve("collect-talk.camel.yaml"),
        """
        - route:
            id: collect-talk
            from:
              uri: nats
              parameters:
                topic: talk
                connection: "#nats"
              steps:
                - log: "${body}"
                - choice:
                    when:
                      - simple: "${body} contains 'fail'"
                        steps:
                          - throwException:
                              exceptionType: java.lang.IllegalStateException
                              message: "failed with %s"
        """
            .formatted(PASSWORD));
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "edge-1");
    settings.put("ROUTES_DIRECTORY", routes.toString());
    settings.put("NATS_SERVERS", NATS.url());
    settings.put("GATEWAYS", "mqtt");
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    settings.put("MQTT_URK", "misspelt");
    settings.put("MQTT_USERNAME", "edge");
    settings.put("MQTT_PASSWORD", PASSWORD);
    settings.put("DEAD_AFTER", "2");
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("COMMANDS_ALLOW", "ping, logs ,restart,routes,settings,dead,diagnose");
    settings.put("PROCESS_SUPERVISED", "false");
    runtime = RuntimeProcess.start(settings);
    until(() -> runtime.get("/health/ready").status() == 200);
    until(() -> ask("diagnose", "").has("version"));
    firstLog = ask("logs", "{\"lines\":1000}");
  }

  @AfterAll
  static void stop() {
    runtime.close();
    broker.close();
    assertThat(runtime.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
    assertThat(runtime.output())
        .as("a failure is logged by its route alone")
        .noneMatch(line -> line.contains("Exchange["));
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).until(condition);
  }

  private static JsonNode ask(String command, String payload) throws Exception {
    return JSON.readTree(raw(command, payload));
  }

  /** The reply, which contains no secret and fits. */
  private static byte[] raw(String command, String payload) throws Exception {
    Message reply =
        NATS.connection()
            .request(
                "commands.edge-1." + command,
                payload.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(10));
    assertThat(reply).as(command + " " + payload).isNotNull();
    assertThat(reply.getData().length).isLessThan(Reply.LARGEST);
    assertThat(new String(reply.getData(), StandardCharsets.UTF_8)).doesNotContain(PASSWORD);
    return reply.getData();
  }

  private static void say(String text) throws Exception {
    NATS.connection().publish("talk", text.getBytes(StandardCharsets.UTF_8));
    NATS.connection().flush(Duration.ofSeconds(5));
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static JsonNode row(JsonNode rows, String key, String value) {
    for (JsonNode row : rows) {
      if (row.path(key).asText().equals(value)) {
        return row;
      }
    }
    throw new AssertionError("no " + value + " in " + rows);
  }

  @Test
  void logsReturnsTheNewestLinesWithoutSecrets() throws Exception {
    say("hello " + PASSWORD + " \u001b[31mred\u001b[0m\nsecond");
    until(() -> texts(ask("logs", "").path("lines")).stream().anyMatch(l -> l.contains("second")));
    JsonNode reply = ask("logs", "{\"lines\":1000}");
    List<String> lines = texts(reply.path("lines"));
    assertThat(lines.stream().map(line -> line.substring(0, 24))).isSorted();
    assertThat(lines.get(lines.size() - 1))
        .endsWith("collect-talk - hello ***  [31mred [0m second");
    assertThat(Instant.parse(reply.path("from").asText())).isBefore(Instant.now());
  }

  @Test
  void logsBeginBeforeTheRoutesStart() {
    List<String> lines = texts(firstLog.path("lines"));
    assertThat(lines).anyMatch(line -> line.contains(" INFO  gateway-mqtt - connected to "));
    assertThat(lines.get(0)).contains("WARN ", "MQTT_URK: unknown setting");
    assertThat(lines.get(0)).startsWith(firstLog.path("from").asText().substring(0, 19));
  }

  @Test
  void logsComeInParts() throws Exception {
    for (int i = 0; i < 200; i++) {
      say("line %03d %s".formatted(i, "\"".repeat(1900)));
    }
    until(() -> texts(ask("logs", "{\"lines\":5}").path("lines")).toString().contains("line 199 "));
    List<String> all = new ArrayList<>();
    String next = "";
    int parts = 0;
    do {
      JsonNode part = ask("logs", "{\"lines\":1000" + next + "}");
      List<String> lines = texts(part.path("lines"));
      all.addAll(0, lines);
      next = part.has("next") ? ",\"next\":" + part.path("next").asLong() : "";
      parts++;
    } while (!next.isEmpty() && parts < 50);
    assertThat(parts).isBetween(3, 10);
    List<String> said =
        all.stream()
            .filter(line -> line.contains(" - line "))
            .map(line -> line.replaceFirst(".* - (line \\d+) .*", "$1"))
            .toList();
    assertThat(said).doesNotHaveDuplicates();
    assertThat(said.get(said.size() - 1)).isEqualTo("line 199");
    assertThat(said).hasSizeGreaterThan(80);
    assertThat(said).isSorted();
    assertThat(ask("logs", "{\"lines\":3}").path("lines")).hasSize(3);
    assertThat(texts(ask("logs", "{\"level\":\"WARN\",\"lines\":1000}").path("lines")))
        .noneMatch(line -> line.contains(" INFO "));
  }

  @Test
  void settingsShowWhereTheyComeFromWithoutSecrets() throws Exception {
    JsonNode settings = ask("settings", "").path("settings");
    assertThat(row(settings, "key", "mqtt.password").path("value").asText()).isEqualTo("***");
    assertThat(row(settings, "key", "mqtt.username").path("value").asText()).isEqualTo("edge");
    assertThat(row(settings, "key", "mqtt.username").path("from").asText())
        .isEqualTo("environment");
    assertThat(row(settings, "key", "azure.port").toString())
        .isEqualTo("{\"key\":\"azure.port\",\"value\":\"8883\",\"from\":\"default\"}");
    assertThat(row(settings, "key", "commands.allow").toString())
        .contains("ping,logs,restart,routes,settings,dead,diagnose", "environment");
    JsonNode rest = ask("settings", "{\"next\":" + (settings.size() - 2) + "}");
    assertThat(rest.path("settings")).hasSize(2);
    assertThat(ask("settings", "{\"next\":100000}").path("settings")).isEmpty();
  }

  @Test
  void routesHaveTheirStateAndLastError() throws Exception {
    say("fail");
    until(
        () ->
            row(ask("routes", "").path("routes"), "id", "collect-talk").path("failures").asInt()
                > 0);
    JsonNode routes = ask("routes", "").path("routes");
    JsonNode talk = row(routes, "id", "collect-talk");
    assertThat(talk.path("state").asText()).isEqualTo("started");
    assertThat(talk.path("file").asText()).isEqualTo("collect-talk.camel.yaml");
    assertThat(talk.path("lastError").asText()).isEqualTo("failed with ***");
    assertThat(Instant.parse(talk.path("lastErrorAt").asText()))
        .isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThat(talk.path("messages").asInt()).isPositive();
    JsonNode own = row(routes, "id", "serve-command-routes");
    assertThat(own.path("failures").asInt()).isZero();
    assertThat(own.has("lastError")).isFalse();
    assertThat(own.path("uptimeSeconds").isIntegralNumber()).isTrue();
  }

  @Test
  void diagnoseSummarizesTheDevice() throws Exception {
    JsonNode reply = ask("diagnose", "");
    assertThat(reply.path("device").asText()).isEqualTo("edge-1");
    assertThat(reply.path("version").asText()).isEqualTo("dev");
    assertThat(reply.path("java").asText()).startsWith(System.getProperty("java.version"));
    assertThat(reply.path("clock").path("changedSeconds").asInt()).isBetween(-1, 1);
    assertThat(reply.path("memory").path("heapMaxBytes").asLong()).isGreaterThan(1 << 20);
    assertThat(reply.path("disk").path("freeBytes").asLong()).isPositive();
    assertThat(row(reply.path("health"), "check", "gateway-mqtt").path("state").asText())
        .isEqualTo("UP");
    JsonNode gateway = row(reply.path("gateways"), "gateway", "gateway-mqtt");
    assertThat(gateway.path("state").asText()).isEqualTo("connected");
    assertThat(gateway.path("delivered").isIntegralNumber()).isTrue();
    assertThat(reply.path("bus").path("connected").asBoolean()).isTrue();
    JsonNode telemetry = row(reply.path("streams"), "stream", "TELEMETRY");
    assertThat(telemetry.path("messages").asLong()).isPositive();
    assertThat(telemetry.path("maxAgeSeconds").asLong()).isEqualTo(7 * 24 * 3600);
    assertThat(reply.path("certificates").isArray()).isTrue();
  }

  @Test
  void deadLettersAreListedShownReplayedAndDropped() throws Exception {
    byte[] large = new byte[900 * 1024];
    new Random(1).nextBytes(large);
    NATS.connection()
        .jetStream()
        .publish("telemetry.edge-1.bad1", new Headers().put("Nats-Msg-Id", "L"), large);
    NATS.connection()
        .jetStream()
        .publish(
            "telemetry.edge-1.bad2",
            new Headers().put("Nats-Msg-Id", "T"),
            "{\"t\":\"ä\"}".getBytes(StandardCharsets.UTF_8));
    NATS.connection()
        .jetStream()
        .publish("dead.gateway-mqtt.edge-2", new Headers().put("Dead-Device", "edge-2"), large);
    until(() -> ask("dead", "").path("letters").size() == 2);
    JsonNode letters = ask("dead", "{}").path("letters");
    JsonNode big = row(letters, "id", "L");
    JsonNode small = row(letters, "id", "T");
    assertThat(big.path("reason").asText()).contains("refused");
    assertThat(big.path("tries").isInt()).isTrue();
    assertThat(big.path("bytes").asLong()).isEqualTo(large.length);
    assertThat(big.path("subject").asText()).isEqualTo("telemetry.edge-1.bad1");

    JsonNode shown = ask("dead", "{\"show\":" + small.path("number") + "}");
    assertThat(shown.path("text").asText()).isEqualTo("{\"t\":\"ä\"}");
    assertThat(shown.path("headers").path("Dead-Gateway").asText()).isEqualTo("gateway-mqtt");
    assertThat(shown.has("next")).isFalse();

    ByteArrayOutputStream body = new ByteArrayOutputStream();
    ObjectNode wanted = JSON.createObjectNode();
    wanted.set("show", big.path("number"));
    int parts = 0;
    for (boolean more = true; more && parts < 50; parts++) {
      JsonNode part = ask("dead", wanted.toString());
      body.writeBytes(Base64.getDecoder().decode(part.path("base64").asText()));
      more = part.has("next");
      wanted.set("next", part.path("next"));
    }
    assertThat(body.toByteArray()).isEqualTo(large);
    assertThat(parts).isLessThan(20);

    for (int n : new int[] {99, number("edge-2")}) {
      for (String verb : List.of("show", "drop", "replay")) {
        assertThat(ask("dead", "{\"" + verb + "\":" + n + "}").toString())
            .isEqualTo("{\"status\":404,\"error\":\"this device has no dead letter " + n + "\"}");
      }
    }
    assertThat(ask("dead", "{\"drop\":" + big.path("number") + "}").toString())
        .isEqualTo("{\"dropped\":" + big.path("number") + "}");
    broker.publishAnswer = message -> 0;
    assertThat(ask("dead", "{\"replay\":" + small.path("number") + "}").toString())
        .isEqualTo("{\"replayed\":" + small.path("number") + "}");
    until(() -> ask("dead", "").path("letters").isEmpty());
    broker.publishAnswer = message -> message.topic().contains("/bad") ? 0x83 : 0;
  }

  private static int number(String device) throws Exception {
    return (int)
        NATS.connection()
            .jetStreamManagement()
            .getLastMessage("DEAD", "dead.gateway-mqtt." + device)
            .getSeq();
  }

  @Test
  void restartIsRefusedWithoutASupervisor() throws Exception {
    JsonNode reply = ask("restart", "");
    assertThat(reply.path("status").asInt()).isEqualTo(409);
    assertThat(reply.path("error").asText()).contains("process.supervised");
    assertThat(ask("diagnose", "").has("version")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "logs | {\"lines\":-1} | lines",
        "logs | {\"level\":7} | level",
        "logs | {\"next\":-1} | next",
        "logs | {\"next\":\"a\"} | next",
        "routes | {\"next\":1.5} | next",
        "routes | {\"id\":1} | unknown field",
        "settings | {\"next\":99999999999999999999} | next",
        "restart | {\"now\":true} | no fields",
        "dead | {\"show\":0} | show",
        "dead | {\"show\":\"1\"} | show",
        "dead | {\"drop\":-9223372036854775808} | drop",
        "dead | {\"drop\":1,\"show\":1} | exclude",
        "diagnose | [] | JSON object",
        "diagnose | { | not JSON"
      })
  void namesAMalformedField(String command, String payload, String part) throws Exception {
    JsonNode reply = ask(command, payload);
    assertThat(reply.path("status").asInt()).isEqualTo(400);
    assertThat(reply.path("error").asText()).contains(part);
  }

  @Test
  void rejectsAMegabyteAndAnswersAHundredRequestsAtOnce() throws Exception {
    for (String command : List.of("logs", "restart", "routes", "settings", "dead", "diagnose")) {
      assertThat(ask(command, "[".repeat(1_000_000)).path("status").asInt()).isEqualTo(413);
      List<CompletableFuture<Message>> asked = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        asked.add(
            NATS.connection()
                .requestWithTimeout(
                    "commands.edge-1." + command, new byte[0], Duration.ofSeconds(30)));
      }
      for (CompletableFuture<Message> each : asked) {
        assertThat(each.get(30, TimeUnit.SECONDS).getData()).as(command).isNotEmpty();
      }
    }
    assertThat(
            runtime.output().stream()
                .filter(line -> line.contains("serve-command-"))
                .collect(Collectors.joining("\n")))
        .isEmpty();
  }
}
