package routes.jetstream;

import io.nats.client.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import routes.bus.Bus;
import routes.uplink.Uplink;
import routes.uplink.Uplink.Verdict;

/**
 * The messages that a gateway holds, and how they end: acknowledged, given back to be delivered
 * again, or dead. Each takes a slot until its exchange is over.
 */
final class Deliveries {
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(1);

  private final Bus bus;
  private final Uplink uplink;
  private final Gateway gateway;
  private final Semaphore slots;
  private final DeadLetters letters;
  private final int deadAfter;
  private final boolean alone;
  private final Set<Delivery> held = ConcurrentHashMap.newKeySet();
  private final Queue<Delivery> unreported = new ConcurrentLinkedQueue<>();

  /**
   * @param uplink null if no outage can be told from a refusal: then no message is ever dead
   * @param inFlight how many messages are worked on at once
   * @param deadAfter how many failures that count make a message a dead letter
   */
  Deliveries(
      Bus bus, Uplink uplink, Gateway gateway, Semaphore slots, int inFlight, int deadAfter) {
    this.bus = bus;
    this.uplink = uplink;
    this.gateway = gateway;
    this.slots = slots;
    this.letters = new DeadLetters(bus, gateway.id());
    this.alone = inFlight == 1;
    this.deadAfter = deadAfter;
  }

  int size() {
    return held.size();
  }

  /** A message came, with a slot. */
  Delivery received(Message message) {
    Delivery delivery = gateway.received(message, uplink == null ? 0 : uplink.reconnects());
    held.add(delivery);
    return delivery;
  }

  void succeeded(Delivery delivery) {
    if (delivery.settle()) {
      delivery.ack();
      gateway.acknowledged(delivery);
      report(delivery);
    }
    release(delivery);
  }

  /**
   * Comes again soon if it isn't this message's fault, later with each refusal, and not at all once
   * it has had enough of them and is in the stream DEAD.
   */
  void failed(Delivery delivery, Throwable failure) {
    if (!delivery.settle()) {
      release(delivery);
      return;
    }
    Verdict verdict = verdict(delivery, failure);
    Tries tries = tried(delivery, verdict);
    if (uplink != null && counts(verdict) && tries.counted() >= deadAfter) {
      letters
          .send(delivery, tries, reason(verdict, failure))
          .whenComplete((nothing, problem) -> buried(delivery, tries, problem == null));
    } else {
      giveBack(delivery, verdict == Verdict.AWAY ? AFTER_OUTAGE : tries.delay());
      release(delivery);
    }
  }

  private static boolean counts(Verdict verdict) {
    return verdict == Verdict.REFUSED || verdict == Verdict.SUSPECT;
  }

  private Verdict verdict(Delivery delivery, Throwable failure) {
    if (bus.session().isEmpty()) {
      return Verdict.AWAY;
    }
    return uplink == null ? Verdict.REFUSED : uplink.verdict(failure, delivery.reconnects());
  }

  private Tries tried(Delivery delivery, Verdict verdict) {
    switch (verdict) {
      case REFUSED:
        gateway.refusedOne();
        return gateway.tried(delivery, before -> before.refused(delivery.received()));
      case BUSY:
        gateway.refusedOne();
        return gateway.tried(delivery, before -> before.putOff(delivery.received()));
      case SUSPECT:
        long passed = gateway.delivered();
        return gateway.tried(
            delivery, before -> before.suspected(delivery.received(), passed, alone));
      default:
        return gateway.tried(delivery, before -> before.failed(delivery.received()));
    }
  }

  private static String reason(Verdict verdict, Throwable failure) {
    String reason = DeadLetter.reason(failure);
    return verdict == Verdict.SUSPECT
        ? "each time it is sent the connection ends: " + reason
        : reason;
  }

  private void buried(Delivery delivery, Tries tries, boolean stored) {
    if (stored) {
      delivery.ack();
      gateway.died(delivery);
      report(delivery);
    } else {
      giveBack(delivery, tries.delay());
    }
    release(delivery);
  }

  /**
   * Leaves a suspect alone for a while after the uplink has come back, so that others can pass
   * without it.
   *
   * @return whether it was given back
   */
  boolean postponed(Delivery delivery) {
    Tries tries = delivery.before();
    if (uplink == null || alone || tries.passed() != gateway.delivered()) {
      return false;
    }
    Duration left = Duration.between(Instant.now(), uplink.since().plus(tries.delay()));
    if (left.isNegative() || left.isZero()) {
      return false;
    }
    end(delivery, left);
    return true;
  }

  /** Is for another gateway alone. */
  void skipped(Delivery delivery) {
    if (delivery.settle()) {
      delivery.ack();
      report(delivery);
    }
    release(delivery);
  }

  /** Was not tried: comes again at once, perhaps elsewhere. */
  void giveBack(Delivery delivery) {
    end(delivery, Duration.ZERO);
  }

  /**
   * The route ends by force: whatever becomes of the exchanges, the messages come again at once.
   */
  void giveBackAll() {
    for (Delivery delivery : held) {
      settle(delivery, Duration.ZERO);
    }
  }

  /** The consumer they came from is no more: their numbers mean other messages now. */
  void forget() {
    held.forEach(Delivery::settle);
    unreported.clear();
  }

  /** Says what could not be said while NATS was away. */
  void reportAgain() {
    for (Delivery delivery; (delivery = unreported.peek()) != null && delivery.report(bus); ) {
      unreported.remove(delivery);
    }
  }

  /** Tells the server of each message that it is worked on, every {@code interval} nanoseconds. */
  void keep(long interval) {
    long now = System.nanoTime();
    for (Delivery delivery : held) {
      delivery.keep(bus, now, interval);
    }
  }

  private void end(Delivery delivery, Duration delay) {
    settle(delivery, delay);
    release(delivery);
  }

  private void settle(Delivery delivery, Duration delay) {
    if (delivery.settle()) {
      giveBack(delivery, delay);
    }
  }

  private void giveBack(Delivery delivery, Duration delay) {
    gateway.returned(delivery);
    delivery.nak(delay);
    report(delivery);
  }

  private void report(Delivery delivery) {
    if (!delivery.report(bus)) {
      unreported.add(delivery);
    }
  }

  private void release(Delivery delivery) {
    held.remove(delivery);
    slots.release();
  }
}
