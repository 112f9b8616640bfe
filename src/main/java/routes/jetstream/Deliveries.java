package routes.jetstream;

import io.nats.client.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import routes.bus.Bus;
import routes.uplink.InvalidMessageException;
import routes.uplink.Uplink;
import routes.uplink.Uplink.Verdict;

/** The messages in flight and their outcome: acknowledged, returned for redelivery, or dead. */
final class Deliveries {
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(1);

  private final Bus bus;
  private final Uplink uplink;
  private final ConsumerState state;
  private final Window window;
  private final DeadLetters letters;
  private final int deadAfter;
  private final boolean alone;
  private final Set<Delivery> inFlight = ConcurrentHashMap.newKeySet();
  private final Queue<Delivery> unsent = new ConcurrentLinkedQueue<>();
  private volatile boolean pulling;

  /**
   * @param uplink null if an outage cannot be distinguished from a refusal; then no refusal is
   *     final
   * @param deadAfter how many counted failures make a message a dead letter
   */
  Deliveries(
      Bus bus,
      Uplink uplink,
      ConsumerState state,
      Window window,
      DurableConsumer durable,
      int deadAfter) {
    this.bus = bus;
    this.uplink = uplink;
    this.state = state;
    this.window = window;
    this.letters = new DeadLetters(bus, state.id(), durable.name());
    this.alone = durable.inFlight() == 1;
    this.deadAfter = deadAfter;
  }

  int size() {
    return inFlight.size();
  }

  /** A message arrived in a slot of the window. */
  Delivery received(Message message) {
    Delivery delivery = state.received(message, uplink == null ? 0 : uplink.reconnects());
    window.arrived(delivery.size());
    inFlight.add(delivery);
    return delivery;
  }

  void succeeded(Delivery delivery) {
    if (delivery.settle()) {
      state.acknowledged(delivery);
      ack(delivery);
    }
    release(delivery);
  }

  /**
   * Returns the message with a delay that grows with its refusals. A message that is invalid or has
   * been refused too often moves to the stream DEAD instead.
   */
  void failed(Delivery delivery, Throwable failure) {
    if (!delivery.settle()) {
      release(delivery);
      return;
    }
    Verdict verdict = verdict(delivery, failure);
    Tries tries = tried(delivery, verdict);
    if (isDead(verdict, tries)) {
      letters
          .send(delivery, tries, reason(verdict, failure))
          .whenComplete((nothing, problem) -> died(delivery, tries, problem == null));
    } else {
      nak(delivery, verdict == Verdict.AWAY ? AFTER_OUTAGE : tries.delay());
      release(delivery);
    }
  }

  private boolean isDead(Verdict verdict, Tries tries) {
    boolean counts = verdict == Verdict.REFUSED || verdict == Verdict.SUSPECT;
    return verdict == Verdict.INVALID || uplink != null && counts && tries.counted() >= deadAfter;
  }

  private Verdict verdict(Delivery delivery, Throwable failure) {
    if (bus.session().isEmpty()) {
      return Verdict.AWAY;
    }
    if (invalid(failure) != null) {
      return Verdict.INVALID;
    }
    return uplink == null ? Verdict.REFUSED : uplink.verdict(failure, delivery.reconnects());
  }

  private Tries tried(Delivery delivery, Verdict verdict) {
    switch (verdict) {
      case REFUSED:
        state.refusedOne();
        return state.tried(delivery, before -> before.refused(delivery.received()));
      case INVALID:
        return state.tried(delivery, before -> before.refused(delivery.received()));
      case BUSY:
        state.refusedOne();
        return state.tried(delivery, before -> before.busy(delivery.received()));
      case SUSPECT:
        long passed = state.delivered();
        return state.tried(
            delivery, before -> before.suspected(delivery.received(), passed, alone));
      default:
        return state.tried(delivery, before -> before.failed(delivery.received()));
    }
  }

  private static Throwable invalid(Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof InvalidMessageException)) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String reason(Verdict verdict, Throwable failure) {
    String reason = DeadLetter.reason(verdict == Verdict.INVALID ? invalid(failure) : failure);
    return verdict == Verdict.SUSPECT
        ? "the connection ends each time it is sent: " + reason
        : reason;
  }

  private void died(Delivery delivery, Tries tries, boolean stored) {
    if (stored) {
      state.died(delivery);
      ack(delivery);
    } else {
      nak(delivery, tries.delay());
    }
    release(delivery);
  }

  /**
   * Returns a suspect message until some time after the uplink has reconnected, so that other
   * messages can pass first.
   *
   * @return whether it was returned
   */
  boolean postponed(Delivery delivery) {
    Tries tries = delivery.before();
    if (uplink == null || alone || tries.passed() != state.delivered()) {
      return false;
    }
    Duration left = Duration.between(Instant.now(), uplink.since().plus(tries.delay()));
    if (left.isNegative() || left.isZero()) {
      return false;
    }
    // The wall clock may have been set back since.
    settle(delivery, left.compareTo(tries.delay()) > 0 ? tries.delay() : left);
    release(delivery);
    return true;
  }

  /**
   * Acknowledges a message that is for other consumers, and again a message whose ack was lost.
   *
   * @return whether it was such a message
   */
  boolean skipped(Delivery delivery, DurableConsumer durable) {
    if (durable.isFor(delivery.message())
        && !delivery.isForAnother(durable.name())
        && !state.isDone(delivery)) {
      return false;
    }
    if (delivery.settle()) {
      ack(delivery);
    }
    release(delivery);
    return true;
  }

  /**
   * Acknowledges a message that is too old, unsent.
   *
   * @param maxAge zero if no message is too old
   * @return whether it was too old
   */
  boolean expired(Delivery delivery, Duration maxAge) {
    if (maxAge.isZero() || delivery.age().compareTo(maxAge) <= 0) {
      return false;
    }
    if (delivery.settle()) {
      state.expired(delivery);
      ack(delivery);
    }
    release(delivery);
    return true;
  }

  /** Returns a message that was not tried, for immediate redelivery here or elsewhere. */
  void returned(Delivery delivery) {
    settle(delivery, Duration.ZERO);
    release(delivery);
  }

  /** Returns all messages at once, even though their exchanges are still running. */
  void returnAll() {
    for (Delivery delivery : inFlight) {
      settle(delivery, Duration.ZERO);
      if (delivery.start()) { // still waiting for a thread of a pool that may be closed by now
        release(delivery);
      }
    }
    sendAgain();
  }

  /** A pull request may now be open. */
  void pulling() {
    pulling = true;
  }

  /** No pull request is open. */
  void pulled() {
    pulling = false;
    sendAgain();
  }

  /** The consumer was deleted: its sequences now belong to other messages. */
  void forget() {
    inFlight.forEach(Delivery::settle);
    unsent.clear();
  }

  /** Sends the outcomes that could not be sent before. */
  void sendAgain() {
    for (Delivery delivery; (delivery = unsent.peek()) != null && delivery.send(bus); ) {
      unsent.remove(delivery);
    }
  }

  /** Extends the ack wait of each message every {@code interval} nanoseconds. */
  void inProgress(long interval) {
    long now = System.nanoTime();
    for (Delivery delivery : inFlight) {
      delivery.inProgress(bus, now, interval);
    }
    sendAgain();
  }

  private void settle(Delivery delivery, Duration delay) {
    if (delivery.settle()) {
      nak(delivery, delay);
    }
  }

  private void ack(Delivery delivery) {
    delivery.ack();
    send(delivery);
  }

  private void nak(Delivery delivery, Duration delay) {
    state.returned(delivery);
    delivery.nak(delay);
    if (pulling && delay.isZero()) {
      // Sent once the request has ended. Otherwise the server redelivers to that request, and
      // nats-server 2.9 then does not deliver the message until its ack wait has expired.
      unsent.add(delivery);
    } else {
      send(delivery);
    }
  }

  private void send(Delivery delivery) {
    if (!delivery.send(bus)) {
      unsent.add(delivery);
    }
  }

  private void release(Delivery delivery) {
    if (inFlight.remove(delivery)) {
      window.left(delivery.size());
    }
  }
}
