package routes.bench;

import io.nats.client.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import routes.Certificates;
import routes.NatsServer;
import routes.sandbox.FaultProxy;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** The gateways of the clouds with their stand-ins at a round trip of 80 ms. */
final class CloudBench implements AutoCloseable {
  private static final Duration ROUND_TRIP = Duration.ofMillis(80);
  private static final int WARM_UP = 100;
  private static final byte[] SAMPLE =
      "{\"metrics\":{\"x\":\"%s\"}}".formatted("x".repeat(480)).getBytes(StandardCharsets.UTF_8);

  private final Path folder;
  private final Certificates certificates;

  CloudBench() throws IOException {
    folder = Files.createTempDirectory("bench-");
    certificates = new Certificates(folder);
  }

  /** The number of messages that arrived, and the longest time between two of them. */
  private static final class Arrivals {
    private long first;
    private long last;
    private long longestGap;
    private int count;

    synchronized void arrived() {
      long now = System.nanoTime();
      count++;
      if (count == WARM_UP) {
        first = now;
      } else if (count > WARM_UP) {
        longestGap = Math.max(longestGap, now - last);
      }
      last = now;
    }

    synchronized int count() {
      return count;
    }

    synchronized double rate() {
      return (count - WARM_UP) / ((last - first) / 1e9);
    }

    synchronized double longestGapSeconds() {
      return longestGap / 1e9;
    }
  }

  void run() throws Exception {
    window("azure", azure(), Map.of(), 2_000);
    window("google", google(), Map.of(), 2_000);
    window("mqtt", new SandboxBroker(), Map.of(), 10_000);
    renewal();
    drain();
  }

  private SandboxAzure azure() {
    return new SandboxAzure(folder.resolve("azure"), certificates).register(Bench.DEVICE);
  }

  private SandboxGoogle google() {
    return new SandboxGoogle(folder.resolve("google"), certificates).register(Bench.DEVICE);
  }

  private void window(String cloud, SandboxBroker broker, Map<String, String> more, int messages)
      throws Exception {
    Arrivals arrivals = new Arrivals();
    deliver(cloud, broker, more, messages, arrivals, runtime -> await(arrivals, messages, runtime));
    Bench.row(
        "messages per second to " + cloud + " at 80 ms round trip",
        "%.0f".formatted(arrivals.rate()),
        "> 100");
  }

  private void renewal() throws Exception {
    Arrivals arrivals = new Arrivals();
    int messages = 4_000; // about 20 s, with two renewals 8 s apart
    deliver(
        "azure",
        azure(),
        Map.of("AZURE_TOKEN_LIFETIME", "10s"),
        messages,
        arrivals,
        runtime -> await(arrivals, messages, runtime));
    Bench.row(
        "longest pause during SAS token renewals, at 80 ms",
        "%.2f s".formatted(arrivals.longestGapSeconds()),
        "< 2 s");
  }

  private void drain() throws Exception {
    Arrivals arrivals = new Arrivals();
    int messages = 10_000;
    String[] memory = new String[2];
    deliver(
        "aws",
        new SandboxAws(folder.resolve("aws"), certificates),
        Map.of(),
        messages,
        arrivals,
        runtime -> {
          await(arrivals, messages / 10, runtime);
          memory[0] = Bench.megabytes(runtime);
          await(arrivals, messages, runtime);
          memory[1] = Bench.megabytes(runtime);
        });
    Bench.row(
        "messages per second to aws, backlog of 10000, at 80 ms",
        "%.0f".formatted(arrivals.rate()),
        "at most 100");
    Bench.row(
        "resident memory after 1000 and 10000 of these", memory[0] + ", " + memory[1], "flat");
  }

  private interface Watch {
    void over(RuntimeProcess runtime) throws Exception;
  }

  private void deliver(
      String cloud,
      SandboxBroker broker,
      Map<String, String> more,
      int messages,
      Arrivals arrivals,
      Watch watch)
      throws Exception {
    broker.listen(
        message -> {
          if (message.topic().contains("metrics") || message.topic().contains("events")) {
            arrivals.arrived();
          }
        });
    try (NatsServer nats = new NatsServer().open();
        SandboxBroker started = broker.start(0);
        FaultProxy far = FaultProxy.faraway(started.port(), ROUND_TRIP)) {
      Connection connection = nats.connection();
      Bench.fill(connection, messages, SAMPLE);
      Map<String, String> settings = new HashMap<>(settings(started, far.port()));
      settings.put("GATEWAYS", cloud);
      settings.put("COLLECT_PERIOD", "1h");
      settings.putAll(more);
      try (RuntimeProcess runtime = RuntimeProcess.startJar(Bench.settings(nats, settings))) {
        watch.over(runtime);
      }
    }
  }

  private static Map<String, String> settings(SandboxBroker broker, int port) {
    Map<String, String> settings = new HashMap<>();
    if (broker instanceof routes.sandbox.SandboxCloud cloud) {
      settings.putAll(cloud.settings());
      settings.replace("AZURE_PORT", String.valueOf(port));
      settings.replace("AWS_ENDPOINT", "localhost:" + port);
      settings.replace("GOOGLE_ENDPOINT", "localhost:" + port);
    } else {
      settings.put("MQTT_URL", "tcp://127.0.0.1:" + port);
    }
    return settings;
  }

  private static void await(Arrivals arrivals, int messages, RuntimeProcess runtime)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (arrivals.count() < messages) {
      if (!runtime.process().isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            arrivals.count() + " of " + messages + " arrived: " + runtime.output());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Override
  public void close() throws IOException {
    routes.sandbox.SandboxClouds.delete(folder);
  }
}
