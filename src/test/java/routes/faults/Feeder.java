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
 * Publishes numbered samples as a collector does: one after another, each until JetStream has
 * acknowledged it. What is not acknowledged is not promised.
 */
final class Feeder implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration PERIOD = Duration.ofMillis(20);
  private static final int BATCH = 500;
  private static final int FILLING = 400;

  private final String url;
  private final String subject;
  private final BitSet acknowledged = new BitSet();
  private final Thread thread = new Thread(this::run, "feeder");
  private volatile boolean running = true;
  private Connection connection;
  private int next;
  private long last;

  Feeder(String url, String device) {
    this.url = url;
    subject = "telemetry." + device + ".metrics";
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
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100)); // the bus is away: again
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Publishes so many as fast as the bus takes them. */
  void burst(int samples) throws IOException, InterruptedException {
    burst(samples, FILLING);
  }

  /**
   * @param filling bytes of each besides its number
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

  /** On a new connection when one is lost: jnats' own reconnecting now and then sends no more. */
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
        "{\"id\":\"%s\",\"deviceId\":\"edge-1\",\"metrics\":{\"x\":\"%s\"}}"
            .formatted(id, "x".repeat(filling));
    return NatsMessage.builder()
        .subject(subject)
        .headers(new Headers().add("Nats-Msg-Id", id))
        .data(json.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private synchronized int take() {
    return next++;
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

  /** Time since JetStream acknowledged one. */
  synchronized Duration idle() {
    return Duration.ofNanos(System.nanoTime() - last);
  }

  /** No more samples; returns when the last one is acknowledged. */
  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }

  /** Whether or not the last one is acknowledged. */
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
