package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/** The whole runtime as a separate process, from the host to the broker. */
class EndToEndTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private MeanBroker broker;
  private RuntimeProcess runtime;

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    if (runtime != null) {
      assertThat(runtime.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void aSampleReachesTheBrokerUnchanged() throws Exception {
    givenBroker();
    givenRuntime(Map.of("DEVICE_LABELS", "site=berlin,line=3"));
    until(() -> arrived.stream().anyMatch(each -> each.topic().endsWith("/metrics")));
    Arrived message =
        arrived.stream()
            .filter(each -> each.topic().endsWith("/metrics"))
            .findFirst()
            .orElseThrow();
    JsonNode sample = JSON.readTree(message.text());
    assertThat(message.topic()).isEqualTo("devices/edge-1/metrics");
    assertThat(message.userProperties())
        .containsEntry("id", sample.path("id").asText())
        .containsEntry("device", "edge-1");
    assertThat(sample.path("deviceId").asText()).isEqualTo("edge-1");
    assertThat(sample.path("labels").path("site").asText()).isEqualTo("berlin");
    assertThat(sample.at("/metrics/system/memory/usage/used").asLong()).isPositive();
    assertThat(sample.path("metrics").has("jvm")).isFalse();
    assertThat(message.text().length()).isLessThan(4096);
    until(() -> ready().status() == 200);
    JsonNode gateway = JSON.readTree(runtime.get("/api/gateways").body()).path(0);
    assertThat(gateway.path("gateway").asText()).isEqualTo("gateway-mqtt");
    assertThat(gateway.path("connected").asBoolean()).isTrue();
    assertThat(gateway.path("delivered").asLong()).isPositive();
  }

  @Test
  void everyHttpPathAnswers() throws Exception {
    givenBroker();
    givenRuntime(Map.of());
    until(() -> ready().status() == 200);
    assertThat(runtime.get("/health").body()).contains("\"status\":\"UP\"");
    assertThat(runtime.get("/health/live").status()).isEqualTo(200);
    RuntimeProcess.Answer home = runtime.get("/");
    assertThat(home.body()).contains("<title>cloud-iot-routes</title>");
    assertThat(home.type()).isEqualTo("text/html; charset=utf-8");
    RuntimeProcess.Answer sample = runtime.get("/api/sample");
    assertThat(JSON.readTree(sample.body()).has("metrics")).isTrue();
    assertThat(sample.type()).isEqualTo("application/json");
    assertThat(runtime.get("/metrics").body())
        .contains("system_memory_usage_bytes{system_memory_state=\"used\"}")
        .contains("bus_connected 1.0")
        .contains("mqtt_connected{gateway=\"gateway-mqtt\"} 1.0");
    assertThat(runtime.get("/nowhere").status()).isEqualTo(404);
  }

  @Test
  void losesNothingOnTheBusDuringABrokerOutage() throws Exception {
    givenBroker();
    givenRuntime(Map.of());
    until(() -> arrived.size() >= 2);
    int port = broker.port();
    broker.close();
    until(() -> ready().status() == 503);
    assertThat(ready().body()).contains("gateway-mqtt");
    until(() -> ready().body().contains("127.0.0.1:" + port)); // after it has tried to reconnect
    assertThat(runtime.get("/health/live").status()).isEqualTo(200);
    long missed = onTheBus().size() + 5;
    until(() -> onTheBus().size() >= missed);
    givenBroker(port);
    until(() -> ready().status() == 200);
    until(() -> arrivedIds().containsAll(onTheBus()));
  }

  @Test
  void recoversAfterNatsIsKilled() throws Exception {
    givenBroker();
    givenRuntime(Map.of());
    until(() -> arrived.size() >= 2);
    nats.kill();
    until(() -> ready().status() == 503);
    assertThat(ready().body()).contains("NATS");
    nats.start();
    until(() -> ready().status() == 200);
    int before = arrived.size();
    until(() -> arrived.size() >= before + 3);
    until(() -> arrivedIds().containsAll(onTheBus()));
  }

  @Test
  void startsWithoutNatsAndBroker() throws Exception {
    givenBroker();
    int port = broker.port();
    broker.close();
    nats.stop();
    givenRuntime(Map.of("MQTT_URL", "tcp://127.0.0.1:" + port));
    until(() -> ready().status() == 503);
    assertThat(ready().body()).contains("NATS at 127.0.0.1");
    until(() -> ready().body().contains("unreachable")); // after its route has started
    assertThat(runtime.get("/health/live").status()).isEqualTo(200);
    until(() -> runtime.get("/metrics").status() == 200); // its route starts a moment after health
    nats.start();
    givenBroker(port);
    until(() -> ready().status() == 200);
    until(() -> arrived.size() >= 2);
  }

  @Test
  void readinessReportsARefusedPasswordWithoutShowingIt() throws Exception {
    givenBroker();
    broker.connectAnswer = SandboxBroker.BAD_USER_NAME_OR_PASSWORD;
    givenRuntime(Map.of("MQTT_USERNAME", "edge", "MQTT_PASSWORD", "correct-horse"));
    until(() -> ready().body().contains("mqtt.password"));
    assertThat(ready().status()).isEqualTo(503);
    String everything =
        runtime.get("/api/gateways").body()
            + runtime.get("/metrics").body()
            + ready().body()
            + runtime.output();
    assertThat(everything).contains("refused").doesNotContain("correct-horse");
  }

  @Test
  void aMeterCreatedByARouteReachesTheBroker(@TempDir Path directory) throws Exception {
    RoutesYaml.copyTo(directory);
    Files.writeString(
        directory.resolve("collect-orders.camel.yaml"),
        """
        - route:
            id: collect-orders
            from:
              uri: nats
              parameters:
                topic: orders.new
                connection: "#nats"
              steps:
                - to:
                    uri: micrometer
                    parameters:
                      metricsType: counter
                      metricsName: orders
        """);
    givenBroker();
    givenRuntime(Map.of("ROUTES_DIRECTORY", directory.toString()));
    until(() -> ready().status() == 200);
    nats.connection().publish("orders.new", "one".getBytes());
    until(() -> runtime.get("/metrics").body().contains("orders_total"));
    until(() -> !JSON.readTree(last().text()).at("/metrics/orders").isMissingNode());
  }

  @Test
  void publishesAnInventoryAfterStartup() throws Exception {
    givenBroker();
    givenRuntime(Map.of());
    until(() -> ready().status() == 200);
    until(() -> !lastOnTheBus("INVENTORY", "inventory.edge-1").isMissingNode());
    JsonNode inventory = lastOnTheBus("INVENTORY", "inventory.edge-1");
    assertThat(inventory.path("deviceId").asText()).isEqualTo("edge-1");
    assertThat(inventory.toString()).contains(System.getProperty("os.arch").substring(0, 3));
  }

  @Test
  void samplesStayOnTheBusWithoutAGateway() throws Exception {
    long before = onTheBus().size();
    givenRuntime(Map.of("GATEWAYS", "none"));
    until(() -> onTheBus().size() >= before + 2);
    assertThat(runtime.get("/api/gateways").body()).isEqualTo("[]");
    assertThat(ready().status()).isEqualTo(200);
  }

  @Test
  void warnsAtStartupWhenHostNameVerificationIsOff() throws Exception {
    givenRuntime(Map.of("GATEWAYS", "none", "TLS_VERIFY_HOST_NAME", "false"));
    until(() -> ready().status() == 200);
    assertThat(runtime.output())
        .filteredOn(line -> line.contains(" WARN "))
        .singleElement()
        .asString()
        .contains("tls.verify-host-name is false");
  }

  private void givenBroker() {
    givenBroker(0);
  }

  private void givenBroker(int port) {
    broker = new MeanBroker();
    broker.listen(arrived::add).start(port);
    open.add(broker);
  }

  private void givenRuntime(Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "300ms");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "1s");
    if (broker != null) {
      settings.put("GATEWAYS", "mqtt");
      settings.putIfAbsent("MQTT_URL", "tcp://127.0.0.1:" + port());
    }
    settings.putAll(more);
    runtime = RuntimeProcess.start(settings);
    open.add(runtime);
  }

  private int port() {
    try {
      return broker.port();
    } catch (RuntimeException closed) {
      return 0;
    }
  }

  private RuntimeProcess.Answer ready() throws InterruptedException {
    return runtime.get("/health/ready");
  }

  private Arrived last() {
    return arrived.get(arrived.size() - 1);
  }

  private Set<String> arrivedIds() {
    Set<String> ids = new TreeSet<>();
    for (Arrived message : arrived) {
      if (message.topic().endsWith("/metrics")) { // not the inventory
        ids.add(message.userProperties().get("id"));
      }
    }
    return ids;
  }

  /** The ids of this device's samples since the start of the class. */
  private Set<String> onTheBus() throws Exception {
    Set<String> ids = new TreeSet<>();
    try {
      var streams = nats.connection().jetStreamManagement();
      var state = streams.getStreamInfo("TELEMETRY").getStreamState();
      for (long i = state.getFirstSequence(); i <= state.getLastSequence(); i++) {
        ids.add(streams.getMessage("TELEMETRY", i).getHeaders().getFirst("Nats-Msg-Id"));
      }
    } catch (JetStreamApiException e) {
      // no stream yet
    }
    return ids;
  }

  private JsonNode lastOnTheBus(String stream, String subject) throws Exception {
    try {
      var streams = nats.connection().jetStreamManagement();
      return JSON.readTree(streams.getLastMessage(stream, subject).getData());
    } catch (JetStreamApiException e) {
      return JSON.missingNode();
    }
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).ignoreExceptions().until(condition);
  }
}
