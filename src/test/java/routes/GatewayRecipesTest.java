package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;

/**
 * The recipes that forward to brokers, loaded from their files, in one runtime with one broker
 * each.
 */
class GatewayRecipesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> GATEWAYS =
      List.of("mqtt-changes", "mqtt-press", "mqtt-plant", "mqtt-hub", "mqtt-batch");

  @RegisterExtension static final NatsServer NATS = new NatsServer();
  @TempDir static Path routes;

  private static final Map<String, MeanBroker> BROKERS = new ConcurrentHashMap<>();
  private static final Map<String, List<Arrived>> ARRIVED = new ConcurrentHashMap<>();
  private static RuntimeProcess runtime;

  @BeforeAll
  static void start() throws Exception {
    RoutesYaml.copyTo(routes, "(on-error|serve-.*)\\.camel\\.yaml");
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", NATS.url());
    settings.put("ROUTES_DIRECTORY", routes.toString());
    settings.put("GATEWAYS", String.join(",", GATEWAYS));
    for (String gateway : GATEWAYS) {
      String file = "gateway-" + gateway + ".camel.yaml";
      Files.copy(Path.of("recipes", file), routes.resolve(file));
      ARRIVED.put(gateway, new CopyOnWriteArrayList<>());
      MeanBroker broker = new MeanBroker();
      broker.listen(ARRIVED.get(gateway)::add).start(0);
      BROKERS.put(gateway, broker);
      String url = "tcp://127.0.0.1:" + broker.port();
      settings.put(gateway.toUpperCase().replace('-', '_') + "_URL", url);
    }
    runtime = RuntimeProcess.start(settings);
    until(() -> runtime.get("/health/ready").status() == 200);
  }

  @AfterAll
  static void stop() {
    runtime.close();
    BROKERS.values().forEach(MeanBroker::close);
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(condition);
  }

  private static void publish(String subject, String payload) throws Exception {
    NATS.connection().jetStream().publish(subject, payload.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> texts(String gateway, String topic) {
    return ARRIVED.get(gateway).stream()
        .filter(message -> message.topic().equals(topic))
        .map(Arrived::text)
        .toList();
  }

  @Test
  void forwardsAFieldWhenItChanges() throws Exception {
    for (String payload :
        List.of(
            "{\"t\":20}",
            "{\"t\":20.5}",
            "{\"t\":20.6}",
            "{\"t\":20.1}",
            "{\"t\":\"?\"}",
            "20",
            "{\"t\":19}")) {
      publish("telemetry.edge-1.press1", payload);
    }
    until(() -> texts("mqtt-press", "devices/edge-1/press1").contains("{\"t\":19}"));
    assertThat(texts("mqtt-press", "devices/edge-1/press1"))
        .containsExactlyInAnyOrder(
            "{\"t\":20}", "{\"t\":20.6}", "{\"t\":\"?\"}", "20", "{\"t\":19}");
    assertThat(runtime.output())
        .filteredOn(line -> line.contains("no number at .t"))
        .singleElement()
        .asString()
        .as("once for two messages, of which either may be the first")
        .matches(".* gateway-mqtt-press - no number at .t, found .*; the message is reported");
  }

  @Test
  void forwardsASampleWhenOneOfItsNumbersChanges() throws Exception {
    double[][] samples = {{0.2, 0.5}, {0.21, 0.5}, {0.215, 0.54}, {0.23, 0.5}, {0.23, 0.57}};
    for (double[] sample : samples) {
      publish("telemetry.edge-1.metrics", sample(sample[0], sample[1]));
    }
    String last = sample(0.23, 0.57);
    until(() -> texts("mqtt-changes", "devices/edge-1/metrics").contains(last));
    assertThat(texts("mqtt-changes", "devices/edge-1/metrics"))
        .containsExactly(sample(0.2, 0.5), sample(0.23, 0.5), last);
  }

  private static String sample(double cpu, double memory) {
    return "{\"metrics\":{\"system\":{\"cpu\":{\"utilization\":"
        + cpu
        + "},\"memory\":{\"utilization\":{\"used\":"
        + memory
        + "}}}}}";
  }

  @Test
  void aSecondBrokerGetsMessagesOfThisDeviceAndAHubThoseOfAllDevices() throws Exception {
    publish("telemetry.edge-1.note", "\"here\"");
    publish("telemetry.edge-2.note", "\"there\"");
    until(() -> texts("mqtt-plant", "devices/edge-1/note").size() == 1);
    until(() -> texts("mqtt-hub", "devices/edge-1/note").size() == 1);
    until(() -> texts("mqtt-hub", "devices/edge-2/note").size() == 1);
    assertThat(texts("mqtt-plant", "devices/edge-2/note")).isEmpty();
  }

  @Test
  void batchesArriveCompressedAndComplete() throws Exception {
    for (int i = 0; i < 120; i++) {
      publish("telemetry.edge-1.line", "{\"n\":" + i + ",\"text\":\"" + "x".repeat(100) + "\"}");
    }
    until(() -> batched().size() == 120);
    assertThat(batched()).isEqualTo(IntStream.range(0, 120).boxed().toList());
    List<Arrived> batches =
        ARRIVED.get("mqtt-batch").stream()
            .filter(message -> message.topic().equals("devices/edge-1/line"))
            .toList();
    assertThat(batches.size()).isLessThan(10);
    assertThat(batches.get(0).userProperties()).containsEntry("content-encoding", "gzip");
    assertThat(batches.get(0).payload().length).isLessThan(1000);
  }

  private static List<Integer> batched() throws Exception {
    List<Integer> numbers = new CopyOnWriteArrayList<>();
    for (Arrived message : ARRIVED.get("mqtt-batch")) {
      if (message.topic().equals("devices/edge-1/line")) {
        var gzip = new GZIPInputStream(new ByteArrayInputStream(message.payload()));
        for (JsonNode element : JSON.readTree(gzip)) {
          numbers.add(element.path("n").asInt());
        }
      }
    }
    return numbers.stream().sorted().toList();
  }
}
