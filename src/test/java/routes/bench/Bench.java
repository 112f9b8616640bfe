package routes.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.Subscription;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import routes.NatsServer;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/** Prints the table of {@code ./bench}: speed and size of the packaged runtime on this machine. */
public final class Bench {
  static final String DEVICE = "bench";
  private static final String SUBJECT = "telemetry." + DEVICE + ".metrics";
  private static final int PAYLOAD = 500;

  private Bench() {}

  /**
   * @param args how many messages to drain, or clouds, fleet, memory or peers for those alone, or
   *     image and perhaps its name
   */
  public static void main(String... args) throws Exception {
    boolean cloudsAlone = args[0].equals("clouds");
    System.out.printf(
        "Java %s, %d processors, Linux %s%n%n",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.version"));
    if (args[0].equals("image")) {
      new ImageBench(args.length > 1 ? args[1] : null).run();
      return;
    }
    if (args[0].equals("peers")) {
      PeersBench.run();
      return;
    }
    row("what", "measured", "budget");
    row("---", "---", "---");
    if (args[0].equals("memory")) {
      MemoryBench.run();
      return;
    }
    if (args[0].equals("fleet")) {
      new FleetBench().run();
      return;
    }
    if (!cloudsAlone) {
      snapshot();
      int bytes = start("start of the JVM", RuntimeProcess::startJar);
      row("size of a sample on this machine", bytes + " bytes", "< 4096 bytes");
      rest();
      drain(Integer.parseInt(args[0]));
    }
    try (CloudBench clouds = new CloudBench()) {
      clouds.run();
    }
  }

  static void row(String what, String measured, String budget) {
    System.out.printf("| %-58s | %-34s | %-12s |%n", what, measured, budget);
  }

  private static void snapshot() throws Exception {
    for (RunResult run :
        new Runner(
                new OptionsBuilder()
                    .include(SnapshotBenchmark.class.getSimpleName())
                    .addProfiler(GCProfiler.class)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run()) {
      boolean sample = run.getParams().getBenchmark().endsWith("sample");
      row(
          sample ? "snapshot with JSON, processor time" : "Prometheus scrape, processor time",
          "%.2f ms, %.0f KB allocated"
              .formatted(score(run, "cpuMillis"), score(run, "gc.alloc.rate.norm") / 1024),
          sample ? "< 5 ms" : "< 10 ms");
    }
  }

  private static double score(RunResult run, String name) {
    return run.getSecondaryResults().get(name).getScore();
  }

  /** A way to start the runtime with settings. */
  interface Starter {
    RuntimeProcess start(Map<String, String> settings) throws IOException;
  }

  /** Measures the start, and returns the bytes of the first sample. */
  static int start(String what, Starter starter) throws Exception {
    List<Long> millis = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < 5; i++) {
      try (NatsServer nats = new NatsServer().open()) {
        Connection connection = nats.connection();
        Subscription samples = connection.subscribe(SUBJECT);
        long begin = System.nanoTime();
        try (RuntimeProcess runtime = starter.start(settings(nats, Map.of()))) {
          byte[] first = samples.nextMessage(Duration.ofMinutes(1)).getData();
          millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
          size = first.length;
        }
      }
    }
    row(what + " to the first sample on the bus, median of 5", median(millis), "");
    return size;
  }

  /** The median of five, with minimum and maximum. */
  static String median(List<Long> millis) {
    millis.sort(null);
    return "%d ms (%d to %d)".formatted(millis.get(2), millis.get(0), millis.get(4));
  }

  private static void rest() throws Exception {
    try (NatsServer nats = new NatsServer().open();
        SandboxBroker broker = new SandboxBroker().start(0);
        RuntimeProcess runtime =
            RuntimeProcess.startJar(settings(nats, gateway(broker, "COLLECT_PERIOD", "10s")))) {
      TimeUnit.MINUTES.sleep(1);
      row("resident memory after a minute", megabytes(runtime), "< 110 MB");
      long before = processorTicks(runtime.process().pid());
      TimeUnit.MINUTES.sleep(1);
      double share = (processorTicks(runtime.process().pid()) - before) / 100.0 / 60;
      row(
          "share of one processor in the next minute, period 10 s",
          "%.2f %%".formatted(100 * share),
          "< 0.3 %");
    }
  }

  private static void drain(int messages) throws Exception {
    try (NatsServer nats = new NatsServer().open();
        SandboxBroker broker = new SandboxBroker().start(0)) {
      Connection connection = nats.connection();
      fill(connection, messages, new byte[PAYLOAD]);
      Map<String, String> more = gateway(broker, "COLLECT_PERIOD", "1h");
      try (RuntimeProcess runtime = RuntimeProcess.startJar(settings(nats, more))) {
        int tenth = messages / 10;
        awaitDelivered(runtime, tenth);
        String atTenth = megabytes(runtime);
        long begin = System.nanoTime();
        long from = delivered(runtime);
        awaitDelivered(runtime, messages);
        double seconds = (System.nanoTime() - begin) / 1e9;
        row(
            "messages per second from NATS to broker, QoS 1, 500 bytes",
            "%.0f".formatted((messages - from) / seconds),
            "> 5000");
        row(
            "resident memory after %d and %d of these".formatted(tenth, messages),
            atTenth + ", " + megabytes(runtime),
            "flat");
      }
    }
  }

  static void fill(Connection connection, int messages, byte[] payload) throws Exception {
    connection
        .jetStreamManagement()
        .addStream(
            StreamConfiguration.builder()
                .name("TELEMETRY")
                .subjects("telemetry.*.>")
                .storageType(StorageType.File)
                .build());
    JetStream stream = connection.jetStream();
    Deque<CompletableFuture<PublishAck>> open = new ArrayDeque<>();
    for (int i = 0; i < messages; i++) {
      open.add(stream.publishAsync(SUBJECT, payload));
      if (open.size() > 1000) {
        open.remove().join();
      }
    }
    open.forEach(CompletableFuture::join);
  }

  static long delivered(RuntimeProcess runtime) throws Exception {
    String body = runtime.get("/api/gateways").body();
    return body.startsWith("[")
        ? new ObjectMapper().readTree(body).path(0).path("delivered").asLong()
        : 0;
  }

  static void awaitDelivered(RuntimeProcess runtime, long messages) throws Exception {
    while (delivered(runtime) < messages) {
      if (!runtime.process().isAlive()) {
        throw new IllegalStateException("the runtime ended: " + runtime.output());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static Map<String, String> gateway(SandboxBroker broker, String key, String value) {
    return Map.of("GATEWAYS", "mqtt", "MQTT_URL", "tcp://127.0.0.1:" + broker.port(), key, value);
  }

  static Map<String, String> settings(NatsServer nats, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("DEVICE_ID", DEVICE);
    settings.put("NATS_SERVERS", nats.url());
    settings.put("BUS_MAX_BYTES", "8GB");
    return settings;
  }

  /** User and system time in ticks of 10 ms (proc(5)). */
  static long processorTicks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  static String megabytes(RuntimeProcess runtime) throws IOException {
    return megabytes(runtime.process().pid(), "VmRSS");
  }

  /**
   * @param field of /proc/PID/status (proc(5)), such as VmRSS
   */
  static String megabytes(long pid, String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MB";
      }
    }
    throw new IllegalStateException("no " + field);
  }
}
