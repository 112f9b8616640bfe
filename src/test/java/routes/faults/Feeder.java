package routes.faults;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamOptions;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes numbered samples as a collector does: one at a time, each until JetStream acknowledges
 * it. Only acknowledged samples count.
 */
final class Feeder implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration PERIOD = Duration.ofMillis(20);
  private static final int BATCH = 500;
  private static final int FILLING = 400;

  private final String url;
  private final String device;
  private final int step;
  private final BitSet acknowledged = new BitSet();
  private final Thread thread = new Thread(this::run, "feeder");
  private volatile boolean running = true;
  private Connection connection;
  private int next;
  private long last;

  Feeder(String url, String device) {
    this(url, device, 0, 1);
  }

  /**
   * @param first the first number
   * @param step between two numbers, so that the ids of several feeders differ
   */
  Feeder(String url, String device, int first, int step) {
    this.url = url;
    this.device = device;
    this.next = first;
    this.step = step;
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (running) {
      publish(take());
      LockSupport.parkNanos(PERIOD.toNanos());
    }
  }

  private void publish(int number) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        acknowledged(jetStream().publish(sample(number, FILLING)), number);
        return;
      } catch (IOException | JetStreamApiException | RuntimeException e) {
        LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos(100)); // the bus is unavailable: try again
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Publishes a number of samples as fast as the bus accepts them. */
  void burst(int samples) throws IOException, InterruptedException {
    burst(samples, FILLING);
  }

  /**
   * @param filling bytes of each sample in addition to its number
   */
  void burst(int samples, int filling) throws IOException, InterruptedException {
    for (int left = samples; left > 0; left -= BATCH) {
      List<Integer> numbers = new ArrayList<>();
      List<CompletableFuture<PublishAck>> answers = new ArrayList<>();
      for (int i = 0; i < Math.min(left, BATCH); i++) {
        int number = take();
        numbers.add(number);
        answers.add(jetStream().publishAsync(sample(number, filling)));
      }
      for (int i = 0; i < numbers.size(); i++) {
        try {
          acknowledged(answers.get(i).get(), numbers.get(i));
        } catch (ExecutionException e) {
          publish(numbers.get(i));
        }
      }
    }
  }

  /**
   * Uses a new connection after a loss, because a reconnected jnats connection sometimes sends
   * nothing.
   */
  private synchronized JetStream jetStream() throws IOException, InterruptedException {
    if (connection == null || connection.getStatus() != Connection.Status.CONNECTED) {
      connection =
          Nats.connect(
              new Options.Builder()
                  .server(url)
                  .connectionTimeout(PATIENCE)
                  .noReconnect()
                  .errorListener(new ErrorListener() {})
                  .build());
    }
    return connection.jetStream(JetStreamOptions.builder().requestTimeout(PATIENCE).build());
  }

  private NatsMessage sample(int number, int filling) {
    String id = "%06d".formatted(number);
    String json =
        "{\"id\":\"%s\",\"deviceId\":\"%s\",\"metrics\":{\"x\":\"%s\"}}"
            .formatted(id, device, "x".repeat(filling));
    return NatsMessage.builder()
        .subject("telemetry." + device + ".metrics")
        .headers(new Headers().add("Nats-Msg-Id", id))
        .data(json.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private synchronized int take() {
    int taken = next;
    next += step;
    return taken;
  }

  private synchronized void acknowledged(PublishAck answer, int number) {
    if (answer.hasError()) {
      throw new IllegalStateException(answer.getError());
    }
    acknowledged.set(number);
    last = System.nanoTime();
  }

  /** The numbers of the samples that JetStream has acknowledged. */
  synchronized BitSet acknowledged() {
    return (BitSet) acknowledged.clone();
  }

  synchronized int count() {
    return acknowledged.cardinality();
  }

  /** Time since the last acknowledgement by JetStream. */
  synchronized Duration idle() {
    return Duration.ofNanos(System.nanoTime() - last);
  }

  /** Stops publishing, and returns when the last sample is acknowledged. */
  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }

  /** Stops publishing without waiting for the last acknowledgement. */
  @Override
  public void close() {
    running = false;
    thread.interrupt();
    try {
      thread.join();
      if (connection != null) {
        connection.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
