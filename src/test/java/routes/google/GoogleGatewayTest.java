package routes.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.BareMain;
import routes.Certificates;
import routes.EdgeRuntime;
import routes.NatsServer;
import routes.bus.Bus;
import routes.sandbox.Arrived;
import routes.sandbox.SandboxCloud.Reply;
import routes.sandbox.google.SandboxGoogle;
import routes.uplink.Uplink;

/** The route files of the gateway, from a real NATS to the stand-in and back. */
@Timeout(120)
class GoogleGatewayTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final Main main = BareMain.of(EdgeRuntime.class);
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private SandboxGoogle cloud;
  private CamelContext context;
  private Uplink uplink;

  @BeforeEach
  void startCloud() {
    cloud = new SandboxGoogle(folder.resolve("landed"), new Certificates(folder));
    cloud.register("edge-1").start(0).listen(arrived::add);
  }

  @AfterEach
  void stop() throws Exception {
    main.stop();
    main.shutdown();
    cloud.close();
  }

  /** Answers ping with its payload. */
  private void givenPing() throws Exception {
    Connection own = nats.connection();
    own.createDispatcher(message -> own.publish(message.getReplyTo(), message.getData()))
        .subscribe("commands.edge-1.ping");
    own.flush(SOON);
  }

  private void startRuntime(String... settings) throws Exception {
    beginRuntime(settings);
    assertThat(uplink.awaitConnected(SOON)).as("connected: %s", uplink.lastError()).isTrue();
    Bus bus = context.getRegistry().lookupByNameAndType("bus", Bus.class);
    await().atMost(SOON).until(() -> bus.problem().isEmpty());
  }

  private void beginRuntime(String... settings) throws Exception {
    main.addOverrideProperty(
        "camel.main.routes-include-pattern",
        "file:routes-yaml/*google*.camel.yaml,file:routes-yaml/on-error.camel.yaml");
    main.addOverrideProperty("gateways", "google");
    main.addOverrideProperty("nats.servers", nats.url());
    main.addOverrideProperty("reconnect.min", "50ms");
    main.addOverrideProperty("reconnect.max", "200ms");
    for (Map.Entry<String, String> setting : cloud.settings().entrySet()) {
      String key = setting.getKey().toLowerCase().replaceFirst("_", ".").replace('_', '-');
      main.addOverrideProperty(key, setting.getValue());
    }
    for (int i = 0; i < settings.length; i += 2) {
      main.addOverrideProperty(settings[i], settings[i + 1]);
    }
    BareMain.withGateways(main);
    main.bind("metricsRegistry", meters);
    main.start();
    context = main.getCamelContext();
    uplink = context.getRegistry().lookupByNameAndType("google", Uplink.class);
  }

  private void onTheBus(String subject, String text) throws Exception {
    JetStream stream = nats.connection().jetStream();
    stream.publish(subject, text.getBytes(StandardCharsets.UTF_8));
  }

  private List<JsonNode> landed(String file) throws IOException {
    Path path = folder.resolve("landed").resolve(file);
    List<JsonNode> messages = new ArrayList<>();
    for (String line : Files.exists(path) ? Files.readAllLines(path) : List.<String>of()) {
      messages.add(JSON.readTree(line));
    }
    return messages;
  }

  private List<String> data(String file) throws IOException {
    List<String> data = new ArrayList<>();
    for (JsonNode message : landed(file)) {
      data.add(new String(message.path("data").binaryValue(), StandardCharsets.UTF_8));
    }
    return data;
  }

  @Test
  void deliversSamplesAndReportsTheInventoryAsState() throws Exception {
    startRuntime();
    onTheBus("telemetry.edge-1.metrics", "{\"cpu\":1}");
    onTheBus("inventory.edge-1", "{\"os\":\"a\"}");
    await().atMost(SOON).until(() -> data("telemetry.jsonl").equals(List.of("{\"cpu\":1}")));
    await().atMost(SOON).until(() -> data("state.jsonl").equals(List.of("{\"os\":\"a\"}")));
    assertThat(landed("telemetry.jsonl").get(0).path("attributes").has("subFolder")).isFalse();
    assertThat(cloud.clients()).containsExactly(SandboxGoogle.clientId("edge-1"));
    assertThat(arrived).allMatch(message -> message.qos() == 1 && !message.retain());
    HealthCheck check = HealthCheckRegistry.get(context).getCheck("gateway-google").orElseThrow();
    assertThat(check.callReadiness().getState()).isEqualTo(HealthCheck.State.UP);
  }

  @Test
  void limitsTheRateOfStates() throws Exception {
    startRuntime();
    for (int i = 1; i <= 3; i++) {
      String state = "{\"n\":" + i + "}";
      onTheBus("inventory.edge-1", state);
      await().atMost(SOON).until(() -> data("state.jsonl").contains(state));
    }
    assertThat(uplink.reconnects()).as("the registry ended no connection").isZero();
  }

  @Test
  void anOversizedStateDoesNotEndTheConnection() throws Exception {
    startRuntime();
    onTheBus("inventory.edge-1", "\"" + "x".repeat(64 * 1024) + "\"");
    onTheBus("telemetry.edge-1.metrics", "{}");
    await().atMost(SOON).until(() -> data("telemetry.jsonl").equals(List.of("{}")));
    onTheBus("inventory.edge-1", "{\"os\":\"a\"}");
    await().atMost(SOON).until(() -> data("state.jsonl").equals(List.of("{\"os\":\"a\"}")));
    assertThat(uplink.reconnects()).isZero();
  }

  @Test
  void answersACommand() throws Exception {
    startRuntime();
    awaitCommands();
    assertThat(cloud.command("edge-1", "ping", "{\"n\":1,\"id\":7}").get())
        .isEqualTo(new Reply(200, "{\"n\":1,\"id\":7}"));
    JsonNode answer = landed("telemetry.jsonl").get(landed("telemetry.jsonl").size() - 1);
    assertThat(answer.at("/attributes/subFolder").asText()).isEqualTo("commands");
    assertThat(JSON.readTree(answer.path("data").binaryValue()).toString())
        .isEqualTo(
            "{\"command\":\"ping\",\"id\":\"7\",\"status\":200,\"reply\":{\"n\":1,\"id\":7}}");
  }

  /** Retries, because commands fail until the device has subscribed. */
  private void awaitCommands() throws Exception {
    givenPing();
    await()
        .atMost(SOON)
        .ignoreExceptionsMatching(e -> e instanceof ExecutionException)
        .until(() -> cloud.command("edge-1", "ping", "").get().equals(new Reply(200, "")));
  }

  @Test
  @Tag("slow")
  void answersUnusualCommands() throws Exception {
    startRuntime();
    awaitCommands();
    assertThat(cloud.command("edge-1", "sample", "{}").get().status()).isEqualTo(404);
    assertThat(cloud.command("edge-1", "reboot", "{}").get().status()).isEqualTo(403);
    assertThat(cloud.command("edge-1", "a/b c", "{}").get().status()).isEqualTo(400);
    assertThat(cloud.command("edge-1", "ping", "no JSON").get().status()).isEqualTo(400);
    // Without a subfolder the name is in the payload, or missing.
    assertThat(cloud.command("edge-1", "", "no JSON").get().status()).isEqualTo(400);
    assertThat(cloud.command("edge-1", "", "[]").get().status()).isEqualTo(400);
    cloud.command("edge-1", "", "{\"command\":\"ping\",\"id\":\"x\",\"payload\":{\"n\":2}}");
    String answer = "{\"command\":\"ping\",\"id\":\"x\",\"status\":200,\"reply\":{\"n\":2}}";
    await().atMost(SOON).until(() -> arrived.stream().anyMatch(m -> m.text().equals(answer)));
  }

  @Test
  void aConfigReachesTheBusAsDesiredState() throws Exception {
    List<String> desired = new CopyOnWriteArrayList<>();
    Connection own = nats.connection();
    own.createDispatcher(
            message -> desired.add(new String(message.getData(), StandardCharsets.UTF_8)))
        .subscribe("desired.edge-1");
    cloud.desire("edge-1", "{\"collect-period\":\"5s\"}");
    startRuntime();
    await().atMost(SOON).until(() -> desired.equals(List.of("{\"collect-period\":\"5s\"}")));
    for (String bad : new String[] {"no JSON", "[1]", "\"text\"", "", "{} {}"}) {
      cloud.desire("edge-1", bad);
    }
    cloud.desire("edge-1", "{\"collect-period\":\"6s\"}");
    await().atMost(SOON).until(() -> desired.contains("{\"collect-period\":\"6s\"}"));
    assertThat(desired).hasSize(2);
    // And again when the device reconnects.
    cloud.cut();
    await().atMost(SOON).until(() -> desired.size() == 3);
    assertThat(desired.get(2)).isEqualTo("{\"collect-period\":\"6s\"}");
  }

  @Test
  @Tag("slow")
  void renewsAShortLivedTokenWithoutLosingMessages() throws Exception {
    cloud.skew = Duration.ofSeconds(2);
    startRuntime("google.token-lifetime", "5s");
    Counter connects = meters.get("mqtt.connects").tag("result", "success").counter();
    List<String> wanted = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              String sample = "{\"n\":" + wanted.size() + "}";
              wanted.add(sample);
              onTheBus("telemetry.edge-1.metrics", sample);
              return connects.count() >= 3 || uplink.lastError().isPresent();
            });
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(data("telemetry.jsonl")).containsAll(wanted));
    assertThat(uplink.lastError()).as("the cloud ended no connection").isEmpty();
  }

  @Test
  void reportsAnUnregisteredDevice() throws Exception {
    beginRuntime("device.id", "edge-2");
    HealthCheck check = HealthCheckRegistry.get(context).getCheck("gateway-google").orElseThrow();
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(check.callReadiness().getMessage())
                    .contains(
                        "refused: return code 0x13 (google.project, google.private-key, and this"
                            + " device's clock)"));
    assertThat(cloud.refusal).isEqualTo("no device of this registry");
  }
}
