package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.JetStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/**
 * While the cloud is unavailable, the stream fills up. The oldest messages are dropped and counted.
 */
@Tag("slow")
@Timeout(120)
class StreamFullTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SENT = 1_000;

  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<Integer> landed = new CopyOnWriteArrayList<>();
  private RuntimeProcess runtime;

  @AfterEach
  void stop() {
    runtime.close();
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(40)).ignoreExceptions().until(condition);
  }

  private void land(Arrived message) {
    if (message.topic().endsWith("/metrics")) { // not the inventory
      landed.add(Integer.valueOf(message.text().strip()));
    }
  }

  private JsonNode gateway() throws Exception {
    return JSON.readTree(runtime.get("/api/gateways").body()).path(0);
  }

  private RuntimeProcess start(Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "1d");
    settings.put("GATEWAYS", "mqtt");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "500ms");
    settings.put("COLLECT_INVENTORY_PERIOD", "1d");
    return RuntimeProcess.start(settings);
  }

  @Test
  void deliversTheNewestMessagesAndCountsEachDroppedOne() throws Exception {
    int port = Ports.free();
    runtime = start(Map.of("MQTT_URL", "tcp://127.0.0.1:" + port, "BUS_MAX_BYTES", "64KB"));
    // The only sample that the runtime itself takes.
    until(() -> gateway().path("backlog").asLong(-1) == 1);
    JetStream stream = nats.connection().jetStream();
    for (int i = 0; i < SENT; i++) {
      stream.publish("telemetry.edge-1.metrics", (i + " ".repeat(400)).getBytes());
    }
    until(() -> gateway().path("drops").asLong() > SENT / 2);
    until(() -> gateway().path("drops").asLong() + gateway().path("backlog").asLong() == SENT + 1);
    long drops = gateway().path("drops").asLong();
    assertThat(runtime.get("/metrics").body())
        .contains("bus_drops_total{gateway=\"gateway-mqtt\"} " + (double) drops);
    until(
        () ->
            runtime.output().stream()
                .anyMatch(
                    line -> line.contains("stream TELEMETRY reached its limits (bus.max-age")));
    assertThat(runtime.get("/health/ready").status()).isEqualTo(503);

    try (MeanBroker broker = new MeanBroker()) {
      broker.listen(this::land).start(port);
      until(() -> gateway().path("backlog").asLong() == 0);
      int first = (int) drops - 1;
      assertThat(landed).doesNotHaveDuplicates().hasSize(SENT - first);
      assertThat(landed).allMatch(id -> id >= first);
      assertThat(gateway().path("drops").asLong()).isEqualTo(drops);
      assertThat(gateway().path("delivered").asLong()).isEqualTo(SENT + 1 - drops);
      assertThat(runtime.output())
          .filteredOn(line -> line.contains("stream TELEMETRY reached its limits (bus.max-age"))
          .hasSize(1)
          .allMatch(line -> line.contains("WARN  gateway-mqtt - "));
    }
  }
}
