package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;

@Timeout(120)
class TelemetryWatchTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final List<String> own = new ArrayList<>();
  private final TelemetryWatch watch = new TelemetryWatch(() -> own).of("edge-1");
  private Connection connection;
  private JetStreamManagement streams;

  @BeforeEach
  void stream() throws Exception {
    connection = nats.connection();
    streams = connection.jetStreamManagement();
    streams.addStream(
        StreamConfiguration.builder().name("TELEMETRY").subjects("telemetry.*.>").build());
    watch.accept(connection); // the first time, when no route has started yet
  }

  private void publish(String device) throws Exception {
    connection.jetStream().publish("telemetry." + device + ".metrics", new byte[1]);
  }

  private void consumer(String name, String filter) throws Exception {
    streams.addOrUpdateConsumer(
        "TELEMETRY",
        ConsumerConfiguration.builder()
            .durable(name)
            .filterSubject(filter)
            .ackPolicy(AckPolicy.Explicit)
            .build());
  }

  private long requests() {
    long before = connection.getStatistics().getOutMsgs();
    watch.accept(connection);
    return connection.getStatistics().getOutMsgs() - before;
  }

  @Test
  void reportsTelemetryThatNothingConsumes() throws Exception {
    try (LogLines log = new LogLines()) {
      publish("edge-1");
      consumer("gateway-mqtt_edge-2", "telemetry.edge-2.>");
      watch.accept(connection);
      String problem =
          "no consumer of stream TELEMETRY receives telemetry.edge-1.>, so its messages expire"
              + " undelivered; enable a gateway (gateways), start a hub, or set gateways=none if"
              + " they are to stay on the bus";
      assertThat(watch.problem()).contains(problem);
      watch.accept(connection);
      assertThat(log.with("receives")).containsExactly("WARN " + problem);
      consumer("gateway-mqtt-hub_hub", "telemetry.*.>");
      watch.accept(connection);
      assertThat(watch.problem()).isEmpty();
      assertThat(log.with("is consumed"))
          .containsExactly("INFO telemetry.edge-1.> is consumed now");
      streams.deleteConsumer("TELEMETRY", "gateway-mqtt-hub_hub");
      watch.accept(connection);
      assertThat(watch.problem()).contains(problem);
    }
  }

  @Test
  void aConsumerWithoutDurableDoesNotCount() throws Exception {
    publish("edge-1");
    connection.jetStream().subscribe("telemetry.edge-1.>");
    watch.accept(connection);
    assertThat(watch.problem()).isPresent();
  }

  @Test
  void aConsumerOfOneKindCounts() throws Exception {
    publish("edge-1");
    consumer("gateway-mqtt-press_edge-1", "telemetry.edge-1.press1");
    watch.accept(connection);
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void aDeviceWithoutTelemetryIsFine() throws Exception {
    publish("edge-2");
    watch.accept(connection);
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void anUnavailableStreamIsNotThisProblem() throws Exception {
    streams.deleteStream("TELEMETRY");
    watch.accept(connection);
    assertThat(watch.problem()).isEmpty();
  }

  @Test
  void aProcessWithItsOwnConsumerAsksNothing() throws Exception {
    publish("edge-1");
    own.add("telemetry.edge-1.>");
    assertThat(requests()).isZero();
    // another device's process has changed the filter of the same durable
    own.set(0, "telemetry.edge-2.>");
    assertThat(requests()).isPositive();
    assertThat(watch.problem()).isPresent();
  }

  @Test
  void asksLittleEvenWithAThousandConsumers() throws Exception {
    publish("edge-1");
    for (int i = 0; i < 1000; i++) {
      consumer("gateway-mqtt_" + i, "telemetry.device-" + i + ".>");
    }
    assertThat(requests()).isBetween(5L, 6L); // the stream, four pages, and perhaps a ping
    assertThat(watch.problem()).isPresent();
    assertThat(requests()).as("unchanged").isBetween(1L, 2L);
    consumer("zz-hub", "telemetry.>");
    assertThat(requests()).isBetween(5L, 6L);
    assertThat(watch.problem()).isEmpty();
    assertThat(requests()).as("the consumer found last").isBetween(2L, 3L);
  }

  @Test
  void patternsOverlap() {
    assertThat(TelemetryWatch.overlap(">", "telemetry.a.>")).isTrue();
    assertThat(TelemetryWatch.overlap("telemetry.*.metrics", "telemetry.a.>")).isTrue();
    assertThat(TelemetryWatch.overlap("telemetry.a", "telemetry.a.>")).isFalse();
    assertThat(TelemetryWatch.overlap("telemetry.ab.>", "telemetry.a.>")).isFalse();
    assertThat(TelemetryWatch.overlap("*.*.*", "telemetry.a.>")).isTrue();
  }
}
