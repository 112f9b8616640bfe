package routes.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.sandbox.MeanBroker;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/**
 * The packaged jar with the shipped heap of 64 MB and a backlog of a million messages. Memory use
 * does not depend on the backlog.
 */
@DisabledIfSystemProperty(named = "faults.only", matches = ".+", disabledReason = "rows alone")
class BacklogSuite {
  private static final int WAITING = 1_000_000;
  private static final int DRAINED = 60_000;
  private static final long MORE_RESIDENT_KB = 40 << 10;
  private static final long HEAP = 64 << 20;

  /** The maximum size of a gateway's pool, which grows on a busy machine. */
  private static final int GATEWAY_THREADS = 64;

  @RegisterExtension final NatsServer nats = new NatsServer();

  private static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(90)).ignoreExceptions().until(condition);
  }

  @Test
  @Timeout(240)
  void aMillionMessagesUseNoMoreMemoryThanAFew() throws Exception {
    fill();
    int port = Ports.free();
    AtomicInteger landed = new AtomicInteger();
    try (RuntimeProcess runtime =
        RuntimeProcess.startJar(
            Map.of(
                "DEVICE_ID", "edge-1",
                "NATS_SERVERS", nats.url(),
                "COLLECT_PERIOD", "1d",
                "GATEWAYS", "mqtt",
                "MQTT_URL", "tcp://127.0.0.1:" + port,
                "BUS_MAX_BYTES", "1GB",
                "RECONNECT_MIN", "100ms",
                "RECONNECT_MAX", "500ms"))) {
      until(() -> backlog(runtime) >= WAITING);
      long waiting = resident(runtime);
      try (MeanBroker broker = new MeanBroker()) {
        broker.listen(message -> landed.incrementAndGet()).start(port);
        until(() -> landed.get() >= DRAINED / 10);
        Vitals tenth = Vitals.of(runtime);
        long early = resident(runtime);
        until(() -> landed.get() >= DRAINED);
        Vitals all = Vitals.of(runtime);
        long late = resident(runtime);
        System.out.printf(
            "backlog of %d: resident %d KB before, %d KB after %d, %d KB after %d; heap %d KB, %d"
                + " KB; collections %.1f s%n",
            WAITING,
            waiting,
            early,
            DRAINED / 10,
            late,
            DRAINED,
            tenth.heap() >> 10,
            all.heap() >> 10,
            collecting(runtime));
        assertThat(all.heapIsNear(tenth)).as("%s, then %s", tenth, all).isTrue();
        assertThat(all.threads()).isLessThan(tenth.threads() + GATEWAY_THREADS);
        assertThat(all.heap()).isLessThan(HEAP * 3 / 4);
        assertThat(late).isLessThan(early + MORE_RESIDENT_KB);
        assertThat(collecting(runtime)).as("seconds of full collections").isLessThan(10);
        assertThat(runtime.output()).noneMatch(line -> line.contains("OutOfMemory"));
      }
    }
  }

  private void fill() throws Exception {
    Connection connection = nats.connection();
    JetStreamManagement streams = connection.jetStreamManagement();
    streams.addStream(
        StreamConfiguration.builder()
            .name("TELEMETRY")
            .subjects("telemetry.*.>")
            .storageType(StorageType.File)
            .build());
    byte[] sample = "{\"id\":\"01J\",\"metrics\":{}}".getBytes();
    // No individual acknowledgements: nats-server's message count shows when all are stored.
    for (int i = 1; i <= WAITING; i++) {
      connection.publish("telemetry.edge-1.metrics", sample);
      if (i % 10_000 == 0) {
        int sent = i;
        until(
            () ->
                streams.getStreamInfo("TELEMETRY").getStreamState().getMsgCount() >= sent - 20_000);
      }
    }
    until(() -> streams.getStreamInfo("TELEMETRY").getStreamState().getMsgCount() >= WAITING);
  }

  private static long backlog(RuntimeProcess runtime) throws Exception {
    String status = runtime.get("/api/gateways").body();
    return new ObjectMapper().readTree(status).path(0).path("backlog").asLong();
  }

  /** KB of physical memory. */
  private static long resident(RuntimeProcess runtime) throws Exception {
    Path status = Path.of("/proc/" + runtime.process().pid() + "/status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** Seconds spent so far in collections of the old generation. */
  private static double collecting(RuntimeProcess runtime) throws Exception {
    List<Double> sums = new ArrayList<>();
    runtime
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("jvm_gc_pause_seconds_sum"))
        .filter(line -> line.contains("major"))
        .forEach(line -> sums.add(Vitals.value(line)));
    return sums.stream().mapToDouble(Double::doubleValue).sum();
  }
}
