package routes.bus;

import io.nats.client.Message;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * The messages that a gateway holds, and how they end: acknowledged, or given back to be delivered
 * again. Each takes a slot until its exchange is over.
 */
final class Deliveries {
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(1);
  private static final int LONGEST_DELAY_SECONDS = 60;

  private final Bus bus;
  private final Uplink uplink;
  private final Gateway gateway;
  private final Semaphore slots;
  private final Set<Delivery> held = ConcurrentHashMap.newKeySet();
  private final Queue<Delivery> unreported = new ConcurrentLinkedQueue<>();

  /**
   * @param uplink null if no outage is to be told from a refusal
   */
  Deliveries(Bus bus, Uplink uplink, Gateway gateway, Semaphore slots) {
    this.bus = bus;
    this.uplink = uplink;
    this.gateway = gateway;
    this.slots = slots;
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
      gateway.acknowledged();
      report(delivery);
    }
    release(delivery);
  }

  /** Comes again soon if the uplink went away meanwhile; else later with each refusal. */
  void failed(Delivery delivery) {
    if (uplink != null && (!uplink.connected() || uplink.reconnects() != delivery.reconnects())) {
      end(delivery, delivery.refusals(), AFTER_OUTAGE);
    } else {
      int refusals = gateway.refused(delivery);
      int seconds = Math.min(1 << Math.min(refusals - 1, 10), LONGEST_DELAY_SECONDS);
      end(delivery, refusals, Duration.ofSeconds(seconds));
    }
  }

  /** Was not tried: comes again at once, perhaps elsewhere. */
  void giveBack(Delivery delivery) {
    end(delivery, delivery.refusals(), Duration.ZERO);
  }

  /**
   * The route ends by force: whatever becomes of the exchanges, the messages come again at once.
   */
  void giveBackAll() {
    for (Delivery delivery : held) {
      settle(delivery, delivery.refusals(), Duration.ZERO);
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

  private void end(Delivery delivery, int refusals, Duration delay) {
    settle(delivery, refusals, delay);
    release(delivery);
  }

  private void settle(Delivery delivery, int refusals, Duration delay) {
    if (delivery.settle()) {
      gateway.returned(delivery, refusals);
      delivery.nak(delay);
      report(delivery);
    }
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
