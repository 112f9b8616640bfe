package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.JetStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.FaultProxy;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;

/** Measures the gain from batches and checks that a kill between two of them loses nothing. */
@Tag("bench")
class BatchRateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A reading of a machine, 200 bytes. */
  private static final String MESSAGE =
      "{\"n\":1%05d,\"machine\":\"press-1\",\"temperature\":%d.5,\"pressure\":%d.25,\"state\":\"running\","
          + "\"operator\":\"none\",\"order\":\"4711-%06d\",\"note\":\"%s\"}";

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path routes;

  private final MeanBroker broker = new MeanBroker();
  private final Set<Integer> numbers = ConcurrentHashMap.newKeySet();
  private final AtomicLong packets = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile long first;
  private volatile long last;

  @BeforeEach
  void start() throws Exception {
    broker.listen(this::arrived).start(0);
    RoutesYaml.copyTo(routes, "(on-error|gateway-mqtt|serve-.*)\\.camel\\.yaml");
    String recipe = Files.readString(Path.of("recipes/gateway-mqtt-batch.camel.yaml"));
    Files.writeString(routes.resolve("gateway-mqtt-batch.camel.yaml"), recipe);
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private synchronized void arrived(Arrived message) {
    long now = System.nanoTime();
    first = packets.getAndIncrement() == 0 ? now : first;
    last = now;
    bytes.addAndGet(message.payload().length);
    try {
      byte[] payload = message.payload();
      if (message.userProperties().containsKey("content-encoding")) {
        payload = new GZIPInputStream(new ByteArrayInputStream(payload)).readAllBytes();
      }
      var tree = JSON.readTree(payload);
      (tree.isArray() ? tree : List.of(tree)).forEach(each -> numbers.add(each.path("n").asInt()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String message(int n) {
    String text =
        String.format(Locale.ROOT, MESSAGE, n, 60 + n * 7 % 30, 100 + n * 13 % 50, n / 9, "");
    return text.replace("\"note\":\"", "\"note\":\"" + "-".repeat(200 - text.length()));
  }

  private void publish(int from, int to) throws Exception {
    JetStream stream = nats.connection().jetStream();
    List<CompletableFuture<?>> acks = new ArrayList<>();
    for (int i = from; i < to; i++) {
      byte[] body = message(i).getBytes(StandardCharsets.UTF_8);
      assertThat(body).hasSize(200);
      acks.add(stream.publishAsync("telemetry.edge-1.press1", body));
      if (acks.size() == 500) {
        CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        acks.clear();
      }
    }
    CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
  }

  private RuntimeProcess runtime(String gateway, Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("ROUTES_DIRECTORY", routes.toString());
    settings.put("GATEWAYS", gateway);
    String prefix = gateway.toUpperCase(Locale.ROOT).replace('-', '_');
    settings.putIfAbsent(prefix + "_URL", "tcp://127.0.0.1:" + broker.port());
    return RuntimeProcess.start(settings);
  }

  /** Messages per second between the first and the last arrival. */
  private double rate(String gateway, int count, Map<String, String> more) throws Exception {
    numbers.clear();
    packets.set(0);
    bytes.set(0);
    try (RuntimeProcess runtime = runtime(gateway, more)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> numbers.size() == count);
    }
    double rate = count / ((last - first) / 1e9);
    System.out.printf(
        Locale.ROOT,
        "%-10s %-25s %8.0f messages/s, %6d packets, %8d bytes of payload%n",
        gateway,
        more.isEmpty() ? "no limit" : more.keySet(),
        rate,
        packets.get(),
        bytes.get());
    return rate;
  }

  @Test
  void batchesRaiseTheRateOfARateLimitedCloud() throws Exception {
    try (RuntimeProcess runtime = runtime("mqtt", Map.of())) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/ready").status() == 200); // the stream exists
    }
    publish(0, 3000);
    double alone = rate("mqtt", 3000, Map.of("MQTT_PUBLISH_RATE", "100"));
    double batched = rate("mqtt-batch", 3000, Map.of("MQTT_BATCH_PUBLISH_RATE", "100"));
    assertThat(batched / alone).isGreaterThan(5);
  }

  @Test
  void batchesRaiseTheRateOverALongDistance() throws Exception {
    try (RuntimeProcess runtime = runtime("mqtt", Map.of())) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/ready").status() == 200); // the stream exists
    }
    publish(0, 5000);
    try (FaultProxy far = FaultProxy.faraway(broker.port(), Duration.ofMillis(100))) {
      String url = "tcp://127.0.0.1:" + far.port();
      rate("mqtt", 5000, Map.of());
      rate("mqtt-batch", 5000, Map.of());
      publish(5000, 10_000);
      double alone = rate("mqtt", 5000, Map.of("MQTT_URL", url));
      double batched = rate("mqtt-batch", 5000, Map.of("MQTT_BATCH_URL", url));
      assertThat(batched / alone).isGreaterThan(5);
    }
  }

  @Test
  void losesNothingWhenKilled() throws Exception {
    try (RuntimeProcess runtime = runtime("mqtt-batch", Map.of())) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/health/ready").status() == 200);
      for (int i = 0; i < 20; i++) {
        publish(i * 333, (i + 1) * 333);
      }
      await().until(() -> packets.get() > 3);
      publish(6660, 6675); // the rest of an open batch
      runtime.process().destroyForcibly().waitFor();
    }
    try (RuntimeProcess runtime = runtime("mqtt-batch", Map.of())) {
      await().atMost(Duration.ofSeconds(60)).until(() -> numbers.size() == 6675);
    }
  }
}
