package routes.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.JetStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.jetstream.StreamReader;
import routes.sample.Device;
import routes.sample.Sampler;
import routes.sample.Snapshot;

/** Reads samples back from a real nats-server. */
@Timeout(120)
class HistoryTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private BusContext context;
  private History history;

  @BeforeEach
  void start() throws Exception {
    context = new BusContext(nats).start();
    context.awaitStreams();
    history = new History(new StreamReader(context.bus), "edge-1", sampler());
  }

  @AfterEach
  void stop() {
    context.close();
  }

  private Sampler sampler() {
    Snapshot snapshot =
        new Snapshot() {
          @Override
          public <T> T reading(Supplier<T> reader) {
            return reader.get();
          }
        };
    return new Sampler(meters, snapshot, new Device("edge-1", Map.of()), name -> true).start();
  }

  @Test
  void readsSeveralMetricsOfThisDevice() throws Exception {
    meters.counter("requests", "path", "/a");
    Instant before = Instant.now();
    publish("telemetry.edge-1.metrics", sample(0.5, 1000));
    publish("telemetry.edge-1.metrics", "no sample");
    publish("telemetry.edge-2.metrics", sample(99, 99));
    publish("telemetry.edge-1.press", sample(99, 99));
    Thread.sleep(20); // a rate needs two times
    publish("telemetry.edge-1.metrics", sample(1.5, 1500));

    Map<String, Series> series = read("metric=load&metric=requests&from=-1m&step=92d");

    assertThat(series).containsOnlyKeys("load", "requests./a");
    assertThat(series.get("load").mean(0)).isEqualTo(1);
    assertThat(series.get("load").min(0)).isEqualTo(0.5);
    assertThat(series.get("load").max(0)).isEqualTo(1.5);
    Series requests = series.get("requests./a");
    assertThat(requests.isCounter()).isTrue();
    double seconds = Duration.between(before, Instant.now()).toNanos() / 1e9;
    assertThat(requests.mean(0)).isBetween(500 / seconds, 500 / 0.020);
  }

  @Test
  void rejectsAnUnknownMetricButNotAnAbsentOne() throws Exception {
    meters.gauge("queue.length", 3);
    assertThat(read("metric=queue.length")).isEmpty();
    assertThatThrownBy(() -> read("metric=queue.lenght"))
        .hasMessage(
            "metric: \"queue.lenght\" is unknown; /api/sample has the names; did you mean"
                + " queue.length?")
        .extracting(e -> ((HistoryException) e).status())
        .isEqualTo(404);
    publish("telemetry.edge-1.metrics", sample(1, 1));
    assertThat(read("metric=load")).hasSize(1); // only in the stream
  }

  @Test
  void rejectsTooManyValues() throws Exception {
    StringBuilder many = new StringBuilder("{\"metrics\":{\"m\":{\"0\":0");
    for (int i = 1; i < 300; i++) {
      many.append(",\"").append(i).append("\":1");
    }
    publish("telemetry.edge-1.metrics", many + "}}}");
    for (String steps : List.of("from=-5s&step=1s", "from=-3000s&step=2s")) {
      assertThatThrownBy(() -> read("metric=m&" + steps))
          .hasMessageContaining("request fewer metrics")
          .extracting(e -> ((HistoryException) e).status())
          .isEqualTo(400);
    }
  }

  @Test
  void reportsAnUnavailableServer() throws Exception {
    nats.kill();
    BusContext.soon().until(() -> !context.bus.connected());
    assertThatThrownBy(() -> read("metric=load"))
        .hasMessageContaining("is unavailable")
        .extracting(e -> ((HistoryException) e).status())
        .isEqualTo(503);
  }

  @Test
  void reportsASilentServer() throws Exception {
    publish("telemetry.edge-1.metrics", sample(1, 1));
    nats.pause();
    try {
      assertThatThrownBy(() -> read("metric=load"))
          .extracting(e -> ((HistoryException) e).status())
          .isEqualTo(503);
    } finally {
      nats.resume();
    }
  }

  /** Six hours of samples, every 10 s. Prints the time; a loaded machine may need longer. */
  @Test
  void readsSixHoursWhileAGatewayDelivers() throws Exception {
    AtomicInteger delivered = new AtomicInteger();
    context.gateway("inFlight=10", exchange -> delivered.incrementAndGet());
    List<CompletableFuture<?>> acks = new ArrayList<>();
    JetStream stream = nats.connection().jetStream();
    byte[] sample =
        sample(0.5, 7)
            .replace("}}", ",\"x\":\"" + "y".repeat(1300) + "\"}}")
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 2160; i++) {
      acks.add(stream.publishAsync("telemetry.edge-1.metrics", sample));
    }
    CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).join();
    CountDownLatch done = new CountDownLatch(1);
    Thread reads =
        new Thread(
            () -> {
              for (int i = 0; i < 10; i++) {
                try {
                  long start = System.nanoTime();
                  assertThat(read("metric=load&metric=requests&from=-6h&step=60s")).hasSize(2);
                  System.out.println(
                      "six hours: " + (System.nanoTime() - start) / 1_000_000 + " ms");
                } catch (HistoryException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
              done.countDown();
            });
    reads.start();
    context.publish(0, 500);
    done.await();
    BusContext.soon().until(() -> delivered.get() >= 500);
    assertThat(context.consumer().redeliveries()).isZero();
    BusContext.soon()
        .untilAsserted(
            () ->
                assertThat(nats.connection().jetStreamManagement().getConsumerNames("TELEMETRY"))
                    .as("the consumers of reads end with them")
                    .containsExactly(BusContext.DURABLE));
  }

  private Map<String, Series> read(String query) throws HistoryException, InterruptedException {
    return history.read(HistoryQuery.parse(query, null, Instant.now()));
  }

  private void publish(String subject, String body) throws Exception {
    nats.connection().jetStream().publish(subject, body.getBytes(StandardCharsets.UTF_8));
  }

  private static String sample(double load, long requests) {
    return "{\"id\":\"a\",\"metrics\":{\"load\":"
        + load
        + ",\"requests\":{\"/a\":"
        + requests
        + "}}}";
  }
}
