package routes.link;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import routes.link.Failure.Kind;

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
  interface Arrivals<M> {
    void arrived(String topic, M message, Link<M> link);

    void tooLarge(long bytes);
  }

  private final Arrivals<M> arrivals;
  private final Link<M> link;
  private final int inFlight;
  private final Pace pace;
  private final Duration timeout;

  /** Messages in flight, in the order they were sent in. */
  private final ConcurrentNavigableMap<Long, CompletableFuture<Void>> waiting =
      new ConcurrentSkipListMap<>();

  private final AtomicLong sent = new AtomicLong();
  private final CompletableFuture<Failure> lost = new CompletableFuture<>();
  private final int largestPayload;
  private final Map<String, String> greetings;
  private volatile Limits limits = Limits.NONE;
  private volatile Window window = new Window(1);
  private volatile long lastAcknowledged = System.nanoTime();
  private volatile boolean draining;

  LiveLink(Link.Maker<M> maker, Arrivals<M> arrivals, ConnectionPolicy policy) throws Failure {
    this.arrivals = arrivals;
    this.inFlight = policy.inFlight();
    this.pace = new Pace(policy.publishesPerSecond());
    this.timeout = policy.publishTimeout();
    this.largestPayload = policy.largestPayload();
    this.greetings = policy.greetings();
    this.link = maker.make(this);
  }

  void connect(Credential credential, Duration limit) throws Failure, InterruptedException {
    try {
      limits = link.connect(credential, limit).withLargestPayload(largestPayload);
      window = new Window(Math.min(inFlight, limits.receiveMaximum()));
      lastAcknowledged = System.nanoTime();
    } catch (Failure | InterruptedException e) {
      link.cut();
      throw e;
    }
  }

  /** Returns when the broker has acknowledged the message. */
  void publish(String topic, M message) throws Failure, InterruptedException {
    try {
      send(topic, message);
    } catch (Failure e) {
      throw draining && !e.answered() ? renewed() : e;
    }
  }

  private void send(String topic, M message) throws Failure, InterruptedException {
    limits.check(link, topic, message);
    long start = System.nanoTime();
    if (!pace.enter(timeout.toNanos())) {
      throw overdue(start, "no place among a second's publishes");
    }
    CompletableFuture<Void> acknowledged;
    try {
      acknowledged = sendInWindow(topic, message, start);
    } catch (Failure | InterruptedException | RuntimeException e) {
      pace.leave();
      throw e;
    }
    acknowledged.whenComplete((nothing, failure) -> pace.leave());
    await(acknowledged, start, "no PUBACK");
  }

  private CompletableFuture<Void> sendInWindow(String topic, M message, long start)
      throws Failure, InterruptedException {
    if (!window.enter(timeout.toNanos() - (System.nanoTime() - start))) {
      throw overdue(start, "no place among the messages in flight");
    }
    throwIfLost();
    if (draining) {
      throw renewed();
    }
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    long number = sent.getAndIncrement();
    waiting.put(number, acknowledged);
    try {
      link.publish(topic, message)
          .whenComplete((nothing, failure) -> answered(acknowledged, failure));
    } catch (Failure | RuntimeException e) {
      waiting.remove(number);
      window.leave();
      throw e;
    }
    acknowledged.whenComplete(
        (nothing, failure) -> {
          waiting.remove(number);
          if (!lost.isDone()) {
            lastAcknowledged = System.nanoTime();
          }
          window.leave();
        });
    return acknowledged;
  }

  private void answered(CompletableFuture<Void> acknowledged, Throwable failure) {
    if (failure == null) {
      acknowledged.complete(null);
    } else {
      // Paho fails each message before it tells of the loss: who is the oldest is decided there.
      if (!draining && failure instanceof Failure why && !why.answered()) {
        lost(why);
      }
      acknowledged.completeExceptionally(failure);
    }
  }

  /** Returns after the SUBACK and, where the filter has one, the greeting. */
  void subscribe(Subscriptions.Subscription<M> subscription) throws Failure, InterruptedException {
    String filter = subscription.filter();
    await(link.subscribe(filter, subscription.qos()), System.nanoTime(), "no SUBACK");
    String greeting = greetings.get(filter);
    if (greeting != null) {
      send(greeting, link.empty());
    }
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
      Map.Entry<Long, CompletableFuture<Void>> oldest = waiting.firstEntry();
      if (oldest != null && why.kind() == Kind.CLOSED) {
        Failure suspect = new Failure(Kind.SUSPECT, why.getMessage(), why);
        oldest.getValue().completeExceptionally(suspect);
      }
      waiting.values().forEach(future -> future.completeExceptionally(why));
      link.cut();
    }
  }

  @Override
  public void arrived(String topic, M message) {
    arrivals.arrived(topic, message, link);
  }

  @Override
  public void tooLarge(long bytes) {
    arrivals.tooLarge(bytes);
  }

  /**
   * DISCONNECT, if it can be sent within the limit; then the end. One at a time: a second one would
   * end the connection under the first one's DISCONNECT.
   */
  synchronized void disconnect(Duration limit, Failure why) {
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

  /**
   * Takes no more messages, waits for what is in flight, and disconnects. Messages that are not
   * acknowledged by then fail as {@link Kind#RENEWED}.
   */
  void retire(Duration limit) throws InterruptedException {
    draining = true;
    window.shut();
    try {
      CompletableFuture.allOf(waiting.values().toArray(CompletableFuture[]::new))
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // What failed is told to whoever waits for it; what is late goes out again.
    }
    disconnect(limit, renewed());
  }

  private static Failure renewed() {
    return new Failure(Kind.RENEWED, "connects anew with a new credential");
  }

  private void throwIfLost() throws Failure {
    if (lost.isDone()) {
      Failure why = lost.join();
      throw new Failure(why.kind(), why.getMessage(), why);
    }
  }

  /**
   * Blocks until the link is lost and says why; empty when the time is up.
   *
   * @param limit empty to wait for ever
   */
  Optional<Failure> awaitLoss(Optional<Duration> limit) throws InterruptedException {
    try {
      return Optional.of(
          limit.isEmpty()
              ? lost.get()
              : lost.get(Math.max(0, limit.get().toMillis()), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
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
