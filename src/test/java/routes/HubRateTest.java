package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStream;
import io.nats.client.api.PublishAck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.MeanBroker;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/** Memory and rate of one hub gateway with a thousand devices, compared with one device. */
@Tag("slow")
@Timeout(300)
class HubRateTest {
  private static final int MESSAGES = 20_000;
  private static final int BYTES = 500;

  private record Figures(double perSecond, double cpuMicros, long residentKilobytes) {
    @Override
    public String toString() {
      return "%.0f messages/s, %.0f us of processor time per message, %d KB resident"
          .formatted(perSecond, cpuMicros, residentKilobytes);
    }
  }

  @TempDir Path folder;

  @Test
  void thousandDevicesTakeNoMoreThanOne() throws Exception {
    Path routes = Files.createDirectory(folder.resolve("routes"));
    RoutesYaml.copyTo(routes, "(on-error|serve-.*)\\.camel\\.yaml");
    Files.copy(
        Path.of("recipes/gateway-mqtt-hub.camel.yaml"),
        routes.resolve("gateway-mqtt-hub.camel.yaml"));
    Figures one = measure(routes, 1);
    Figures thousand = measure(routes, 1_000);
    System.out.println("one device: " + one);
    System.out.println("1000 devices: " + thousand);
    assertThat(thousand.residentKilobytes()).isLessThan(one.residentKilobytes() * 12 / 10);
    // Not the rate, because both runs share the machine with other work.
    assertThat(thousand.cpuMicros()).isLessThan(one.cpuMicros() * 1.5);
  }

  /** The second of two backlogs, so that the first one warms up the runtime. */
  private static Figures measure(Path routes, int devices) throws Exception {
    int port = Ports.free();
    try (NatsServer nats = new NatsServer().open();
        RuntimeProcess runtime =
            RuntimeProcess.start(
                Map.of(
                    "DEVICE_ID",
                    "hub-1",
                    "NATS_SERVERS",
                    nats.url(),
                    "ROUTES_DIRECTORY",
                    routes.toString(),
                    "RECONNECT_MAX",
                    "1s",
                    "GATEWAYS",
                    "mqtt-hub",
                    "MQTT_HUB_URL",
                    "tcp://127.0.0.1:" + port))) {
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> nats.connection().jetStreamManagement().getStreamInfo("TELEMETRY") != null);
      publish(nats, devices);
      drain(port);
      publish(nats, devices);
      long before = cpu(runtime);
      double rate = drain(port);
      double cpu = (cpu(runtime) - before) / 1_000.0 / MESSAGES;
      return new Figures(rate, cpu, resident(runtime));
    }
  }

  private static void publish(NatsServer nats, int devices) throws Exception {
    JetStream stream = nats.connection().jetStream();
    byte[] payload = ("\"" + "x".repeat(BYTES - 2) + "\"").getBytes();
    List<CompletableFuture<PublishAck>> stored = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      String subject = "telemetry.edge-" + i % devices + ".metrics";
      stored.add(stream.publishAsync(subject, payload));
      if (stored.size() == 500) {
        CompletableFuture.allOf(stored.toArray(CompletableFuture[]::new)).join();
        stored.clear();
      }
    }
    CompletableFuture.allOf(stored.toArray(CompletableFuture[]::new)).join();
  }

  /** Messages per second while a broker takes the whole backlog. */
  private static double drain(int port) {
    AtomicInteger count = new AtomicInteger();
    long[] times = new long[2];
    try (MeanBroker broker = new MeanBroker()) {
      broker.listen(
          message -> {
            times[1] = System.nanoTime();
            if (count.getAndIncrement() == 0) {
              times[0] = times[1];
            }
          });
      broker.start(port);
      await().atMost(Duration.ofSeconds(120)).until(() -> count.get() >= MESSAGES);
    }
    return MESSAGES * 1e9 / (times[1] - times[0]);
  }

  /** Nanoseconds of processor time so far. */
  private static long cpu(RuntimeProcess runtime) {
    return runtime.process().info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static long resident(RuntimeProcess runtime) throws Exception {
    return Files.readAllLines(Path.of("/proc/" + runtime.process().pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
