package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.sandbox.RuntimeProcess;

/** What the runtime reports about a gateway that is connected but delivers nothing. */
@Tag("slow")
@Timeout(120)
class GatewayStateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension final NatsServer nats = new NatsServer();
  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();
  private RuntimeProcess runtime;

  @AfterEach
  void stop() {
    runtime.close();
  }

  private void start() throws Exception {
    runtime =
        RuntimeProcess.start(
            Map.of(
                "DEVICE_ID", "edge-1",
                "NATS_SERVERS", nats.url(),
                "COLLECT_PERIOD", "200ms",
                "DEAD_AFTER", "2",
                // no inventory, whose topic Mosquitto would forbid too
                "ROUTES_INCLUDE", "collect-metrics,gateway-mqtt,serve-*,on-error",
                "GATEWAYS", "mqtt",
                "MQTT_URL", "tcp://127.0.0.1:" + mosquitto.port()));
  }

  private JsonNode gateway() throws Exception {
    String rows = runtime.get("/api/gateways").body();
    return rows.startsWith("[") ? JSON.readTree(rows).path(0) : JSON.createObjectNode();
  }

  private void until(Callable<Boolean> condition) throws Exception {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .conditionEvaluationListener(
            seen -> {
              if (seen.getRemainingTimeInMS() < 200) {
                System.err.println(runtime.output());
              }
            })
        .until(condition);
  }

  private List<String> warnings() {
    return runtime.output().stream().filter(line -> line.contains(" WARN ")).toList();
  }

  private double forbidden() throws Exception {
    return runtime
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("mqtt_publish_forbidden_total"))
        .mapToDouble(line -> Double.parseDouble(line.replaceFirst(".* ", "")))
        .sum();
  }

  @Test
  void reportsAForbiddenTopicAndKeepsItsSamples() throws Exception {
    mosquitto.start(mosquitto.permit("other"));
    start();
    until(() -> gateway().path("state").asText().equals("refused"));
    until(() -> gateway().path("refused").asInt() > 10);
    String says =
        "publishing to \"devices/edge-1/metrics\": refused by the broker: not authorized (0x87)";
    assertThat(gateway().path("connected").asBoolean()).isTrue();
    assertThat(gateway().path("lastError").asText()).startsWith(says).contains("mqtt.topic");
    assertThat(runtime.get("/health/ready").status()).isEqualTo(503);
    assertThat(runtime.get("/health/ready").body()).contains("gateway-mqtt").contains("0x87");
    assertThat(warnings()).singleElement().asString().contains("gateway-mqtt - " + says);
    assertThat(forbidden()).isBetween(1.0, 3.0);
    assertThat(gateway().path("dead").asInt()).isZero();

    mosquitto.permit("devices/edge-1/metrics");
    mosquitto.reload();
    until(() -> gateway().path("state").asText().equals("connected"));
    long stored =
        nats.connection()
            .jetStreamManagement()
            .getStreamInfo("TELEMETRY")
            .getStreamState()
            .getMsgCount();
    until(() -> gateway().path("delivered").asLong() > stored);
    until(() -> gateway().path("backlog").asInt() == 0);
    assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
  }

  @Test
  void reportsAConsumerThatNatsRejects() throws Exception {
    JetStreamManagement streams = nats.connection().jetStreamManagement();
    streams.addStream(
        StreamConfiguration.builder().name("TELEMETRY").subjects("telemetry.*.>").build());
    String durable = "gateway-mqtt_edge-1";
    streams.addOrUpdateConsumer(
        "TELEMETRY",
        ConsumerConfiguration.builder().durable(durable).deliverSubject("elsewhere").build());
    mosquitto.start();
    start();
    until(() -> gateway().path("state").asText().equals("no NATS"));
    assertThat(gateway().path("lastError").asText()).contains(durable).contains("delete it");
    until(() -> runtime.get("/health/ready").body().contains("delete it"));
    assertThat(runtime.get("/health/ready").status()).isEqualTo(503);

    streams.deleteConsumer("TELEMETRY", durable);
    until(() -> gateway().path("state").asText().equals("connected"));
    until(() -> runtime.get("/health/ready").status() == 200);
  }

  @Test
  void doesNotReportDeliveryWithoutNats() throws Exception {
    mosquitto.start();
    start();
    until(() -> gateway().path("delivered").asInt() > 0 && gateway().has("backlog"));
    Instant killed = Instant.now().minusMillis(1);
    nats.kill();
    until(() -> gateway().path("state").asText().equals("no NATS"));
    assertThat(Instant.parse(gateway().path("since").asText())).isAfter(killed);
    assertThat(gateway().has("backlog")).isFalse();
    assertThat(gateway().path("connected").asBoolean()).isTrue();
    assertThat(gateway().path("lastError").asText()).contains("NATS at 127.0.0.1:" + nats.port());
    assertThat(runtime.get("/").body()).contains("<span class=\"pill bad\">No NATS</span>");
  }
}
