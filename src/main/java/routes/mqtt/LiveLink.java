package routes.mqtt;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import routes.mqtt.Failure.Kind;

/**
 * A link from CONNECT to its end: guards the window of messages in flight and the time a message
 * may take.
 */
final class LiveLink<M> implements Link.Events<M> {
  /** A link that hasn't connected yet. */
  @FunctionalInterface
  interface Maker<M> {
    LiveLink<M> make() throws Failure;
  }

  /** Who takes the messages that arrive; acknowledged on the link that brought them. */
  @FunctionalInterface
  interface Arrivals<M> {
    void arrived(String topic, M message, int qos, Runnable acknowledge);
  }

  private final Arrivals<M> arrivals;
  private final Link<M> link;
  private final Duration timeout;
  private final Set<CompletableFuture<Void>> waiting = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Failure> lost = new CompletableFuture<>();
  private volatile Limits limits = Limits.NONE;
  private volatile Window window = new Window(1);
  private volatile long lastAcknowledged = System.nanoTime();

  /**
   * @param timeout for everything that waits for the broker's answer
   */
  LiveLink(Link.Maker<M> maker, Arrivals<M> arrivals, Duration timeout) throws Failure {
    this.arrivals = arrivals;
    this.timeout = timeout;
    this.link = maker.make(this);
  }

  /**
   * @param inFlight messages at once, unless the broker takes fewer
   */
  void connect(Credential credential, int inFlight, Duration limit)
      throws Failure, InterruptedException {
    try {
      limits = link.connect(credential, limit);
      window = new Window(Math.min(inFlight, limits.receiveMaximum()));
      lastAcknowledged = System.nanoTime();
    } catch (Failure | InterruptedException e) {
      link.cut();
      throw e;
    }
  }

  /** Returns when the broker has acknowledged the message. */
  void publish(String topic, M message) throws Failure, InterruptedException {
    refuseWhatBrokerRefuses(topic, message);
    long start = System.nanoTime();
    if (!window.enter(timeout.toNanos())) {
      throw overdue(start, "no place among the messages in flight");
    }
    throwIfLost();
    CompletableFuture<Void> acknowledged;
    try {
      acknowledged = link.publish(topic, message);
    } catch (Failure | RuntimeException e) {
      window.leave();
      throw e;
    }
    waiting.add(acknowledged);
    acknowledged.whenComplete(
        (nothing, failure) -> {
          waiting.remove(acknowledged);
          if (!lost.isDone()) {
            lastAcknowledged = System.nanoTime();
          }
          window.leave();
        });
    await(acknowledged, start, "no PUBACK");
  }

  private void refuseWhatBrokerRefuses(String topic, M message) throws Failure {
    if (limits.maximumPacketSize() < Long.MAX_VALUE) {
      long size = link.size(topic, message);
      if (size > limits.maximumPacketSize()) {
        throw new Failure(
            Kind.REFUSED,
            "too large: the message takes "
                + size
                + " bytes, the broker accepts at most "
                + limits.maximumPacketSize());
      }
    }
    // Paho would lower the QoS silently, and take a message for delivered that is only sent.
    if (link.qos(message) > 0 && limits.maximumQos() == 0) {
      throw new Failure(Kind.REFUSED, "the broker accepts QoS 0 only: it acknowledges nothing");
    }
  }

  void subscribe(String filter, int qos) throws Failure, InterruptedException {
    await(link.subscribe(filter, qos), System.nanoTime(), "no SUBACK");
  }

  void unsubscribe(String filter) throws Failure, InterruptedException {
    await(link.unsubscribe(filter), System.nanoTime(), "no UNSUBACK");
  }

  private void await(CompletableFuture<Void> answer, long start, String missing)
      throws Failure, InterruptedException {
    if (lost.isDone()) {
      answer.completeExceptionally(lost.join());
    }
    try {
      answer.get(timeout.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw overdue(start, missing);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw new Failure(failure.kind(), failure.getMessage(), failure);
      }
      throw new Failure(Kind.UNREACHABLE, String.valueOf(e.getCause()), e.getCause());
    }
  }

  /** A connection on which nothing was acknowledged for the whole time is taken for dead. */
  private Failure overdue(long start, String missing) {
    Failure failure = new Failure(Kind.UNREACHABLE, missing + " within " + Durations.text(timeout));
    if (lastAcknowledged - start < 0) {
      lost(failure);
    }
    return failure;
  }

  @Override
  public void lost(Failure why) {
    if (lost.complete(why)) {
      window.shut();
      waiting.forEach(future -> future.completeExceptionally(why));
      link.cut();
    }
  }

  @Override
  public void arrived(String topic, M message) {
    arrivals.arrived(topic, message, link.qos(message), () -> link.acknowledge(message));
  }

  /** DISCONNECT, if it can be sent within the limit; then the end. */
  void disconnect(Duration limit, Failure why) {
    if (!lost.isDone()) {
      try {
        link.disconnect().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        // The broker will find out by itself.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    lost(why);
  }

  private void throwIfLost() throws Failure {
    if (lost.isDone()) {
      Failure why = lost.join();
      throw new Failure(why.kind(), why.getMessage(), why);
    }
  }

  /** Blocks until the link is lost and says why. */
  Failure awaitLoss() throws InterruptedException {
    try {
      return lost.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("never completed so", e);
    }
  }

  /** Why it is lost; empty while it holds. */
  Optional<String> loss() {
    return Optional.ofNullable(lost.getNow(null)).map(Failure::getMessage);
  }

  int inFlight() {
    return window.taken();
  }
}
