package routes.bench;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import routes.Mosquitto;
import routes.NatsServer;
import routes.bench.Peer.Running;
import routes.sandbox.SandboxClouds;

/**
 * The runtime beside the programs that people would use instead, each in turn on this machine, and
 * the ratios. Programs that are not on PATH are left out, with a line.
 */
final class PeersBench {
  private static final int MESSAGES = 100_000;
  private static final int PAYLOAD = 500;
  private static final int SCRAPES = 300;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** One row of the table: what each program took. */
  private record Figures(String what, String format, Map<Peer, Double> values) {
    void print() {
      StringBuilder line = new StringBuilder();
      values.forEach(
          (peer, value) -> line.append(", ").append(peer.title()).append(format.formatted(value)));
      StringBuilder ratios = new StringBuilder();
      values.forEach(
          (peer, value) -> {
            if (peer != Peer.RUNTIME) {
              ratios.append(", %.2f %s".formatted(values.get(Peer.RUNTIME) / value, peer.title()));
            }
          });
      Bench.row(what, line.substring(2), ratios.isEmpty() ? "" : ratios.substring(2));
    }
  }

  private final Path folder;

  private PeersBench(Path folder) {
    this.folder = folder;
  }

  static void run() throws Exception {
    Stream.of(Peer.values())
        .filter(peer -> !peer.isAvailable())
        .forEach(peer -> System.out.println(peer.title() + " is not on PATH and is left out"));
    Bench.row("what", "measured", "runtime divided by");
    Bench.row("---", "---", "---");
    Path folder = Files.createTempDirectory("peers-");
    try {
      PeersBench bench = new PeersBench(folder);
      bench.drain();
      bench.sampling();
    } finally {
      SandboxClouds.delete(folder);
    }
  }

  private static List<Peer> available(Peer... peers) {
    return Stream.of(peers).filter(Peer::isAvailable).toList();
  }

  /** Each program twice, in both orders, because the machine's speed changes. */
  private void drain() throws Exception {
    List<Peer> order = new ArrayList<>(available(Peer.RUNTIME, Peer.BENTO, Peer.TELEGRAF));
    Map<Peer, Double> rates = new EnumMap<>(Peer.class);
    Map<Peer, Double> processor = new EnumMap<>(Peer.class);
    Map<Peer, Double> peaks = new EnumMap<>(Peer.class);
    for (int round = 0; round < 2; round++) {
      for (Peer peer : order) {
        Drained drained = drain(peer);
        rates.merge(peer, MESSAGES / drained.seconds / 2, Double::sum);
        processor.merge(peer, drained.processorSeconds * 1e6 / MESSAGES / 2, Double::sum);
        peaks.merge(peer, drained.peakMegabytes, Math::max);
      }
      Collections.reverse(order);
    }
    new Figures("messages per second from JetStream to MQTT", " %.0f", rates).print();
    new Figures("  processor time per message, µs", " %.0f", processor).print();
    new Figures("  peak resident memory, MB", " %.0f", peaks).print();
  }

  private record Drained(double seconds, double processorSeconds, double peakMegabytes) {}

  private Drained drain(Peer peer) throws Exception {
    try (NatsServer nats = new NatsServer().open();
        Mosquitto broker = broker()) {
      Connection connection = nats.connection();
      Bench.fill(connection, MESSAGES, new byte[PAYLOAD]);
      try (Running running = peer.forward(nats.url(), broker.port(), folder)) {
        long tenth = MESSAGES / 10;
        awaitRest(connection, running, MESSAGES - tenth);
        long left = rest(connection);
        long begin = System.nanoTime();
        awaitRest(connection, running, 0);
        double seconds = (System.nanoTime() - begin) / 1e9 * MESSAGES / left;
        return new Drained(seconds, processorSeconds(running), megabytes(running, "VmHWM"));
      }
    }
  }

  private static Mosquitto broker() throws IOException {
    return new Mosquitto()
        .open()
        .start("max_inflight_messages 1000", "max_queued_messages 0", "persistence false");
  }

  private static void awaitRest(Connection connection, Running running, long rest)
      throws Exception {
    while (rest(connection) > rest) {
      if (!running.process().isAlive()) {
        throw new IllegalStateException("a program ended: " + running.process().info());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** How many messages were not acknowledged yet. */
  private static long rest(Connection connection) throws IOException, JetStreamApiException {
    return connection.jetStreamManagement().getConsumers(Peer.STREAM).stream()
        .mapToLong(consumer -> unacknowledged(consumer))
        .min()
        .orElse(MESSAGES);
  }

  private static long unacknowledged(ConsumerInfo consumer) {
    return consumer.getNumPending() + consumer.getNumAckPending();
  }

  /** Memory, and processor time at rest and per scraped series. */
  private void sampling() throws Exception {
    Map<Peer, Double> memory = new EnumMap<>(Peer.class);
    Map<Peer, Double> shares = new EnumMap<>(Peer.class);
    Map<Peer, Double> scrapes = new EnumMap<>(Peer.class);
    for (Peer peer : available(Peer.RUNTIME, Peer.TELEGRAF, Peer.NODE_EXPORTER)) {
      try (NatsServer nats = new NatsServer().open();
          Mosquitto broker = broker();
          Running running = peer.sample(nats.url(), broker.port(), folder)) {
        TimeUnit.SECONDS.sleep(60);
        memory.put(peer, megabytes(running, "VmRSS"));
        if (peer != Peer.NODE_EXPORTER) { // which does nothing by itself
          double before = processorSeconds(running);
          TimeUnit.SECONDS.sleep(60);
          shares.put(peer, (processorSeconds(running) - before) / 60 * 100);
        }
        scrapes.put(peer, microsPerSeries(running));
      }
    }
    new Figures("resident memory after a minute, 1 sample per second, MB", " %.0f", memory).print();
    new Figures("  share of one processor, %", " %.2f", shares).print();
    new Figures("processor time per scraped series, µs", " %.1f", scrapes).print();
  }

  private static double microsPerSeries(Running running) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(running.url())).build();
    long series = 0;
    for (int i = 0; i < SCRAPES / 3; i++) {
      String body = HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
      series = body.lines().filter(line -> !line.isEmpty() && line.charAt(0) != '#').count();
    }
    double before = processorSeconds(running);
    for (int i = 0; i < SCRAPES; i++) {
      HTTP.send(request, HttpResponse.BodyHandlers.discarding());
    }
    return (processorSeconds(running) - before) * 1e6 / SCRAPES / series;
  }

  private static double processorSeconds(Running running) throws IOException {
    return Bench.processorTicks(running.process().pid()) / 100.0;
  }

  private static double megabytes(Running running, String field) throws IOException {
    return Double.parseDouble(Bench.megabytes(running.process().pid(), field).replace(" MB", ""));
  }
}
