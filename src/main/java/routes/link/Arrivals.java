package routes.link;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import routes.link.Refusals.Reason;
import routes.log.RateLimitedLog;

/**
 * Hands arriving messages to their listeners in order. This happens on the gateway's pool, so that
 * a slow listener does not delay the PUBACKs of outgoing messages. A QoS 1 message is acknowledged
 * when its listeners are done. A message for which there is no room is refused, since the
 * connection must not wait.
 */
final class Arrivals {
  /** QoS 1 messages that may wait here: the client's Receive Maximum (MQTT 5, 3.1.2.11). */
  static final int ROOM = 64;

  private static final long BYTES = 4 << 20;
  private static final int SHOWN = 100;

  /** Receives the messages of a topic filter. */
  @FunctionalInterface
  interface Listener {
    /**
     * @param done to be called once the message has been handled, unless this method throws
     */
    void arrived(MqttMessage message, Runnable done) throws Exception;
  }

  private record Arrival(MqttMessage message, long size, Runnable acknowledge) {}

  private final Subscriptions subscriptions;
  private final Refusals refusals;
  private final int largestPacket;
  private final Executor pool;
  private final RateLimitedLog warnings;
  private final Queue<Arrival> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<Arrival> unclaimed = new ConcurrentLinkedQueue<>();
  private final AtomicInteger unstarted = new AtomicInteger();
  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean patient;
  private volatile boolean stopped;

  /**
   * @param patient whether a message without a listener waits for one until {@link #giveUp}: with a
   *     persistent session, messages arrive before routes have started
   */
  Arrivals(
      ConnectionPolicy policy,
      Subscriptions subscriptions,
      Refusals refusals,
      Executor pool,
      RateLimitedLog warnings,
      boolean patient) {
    this.patient = patient;
    this.subscriptions = subscriptions;
    this.refusals = refusals;
    this.largestPacket = policy.largestPacket();
    this.pool = pool;
    this.warnings = warnings;
  }

  /**
   * @param acknowledge run when the message has been handled
   * @param refuse run when there is no room for it
   */
  void arrived(MqttMessage message, Runnable acknowledge, Runnable refuse) {
    if (stopped) {
      return;
    }
    if (!isTopic(message.topic())) {
      noTopic(message.topic());
      acknowledge.run();
      return;
    }
    long size = message.topic().length() + (long) message.payload().length;
    // QoS 0 messages leave room for as many QoS 1 messages as the broker may send.
    int room = message.qos() == 0 ? ROOM : 2 * ROOM;
    if (messages.get() >= room || bytes.get() + size > BYTES) {
      refusals.add(Reason.OVERFLOW, "a message: messages arrive faster than they are handled");
      refuse.run();
      return;
    }
    messages.incrementAndGet();
    bytes.addAndGet(size);
    enqueue(new Arrival(message, size, acknowledge));
  }

  private void enqueue(Arrival arrival) {
    waiting.add(arrival);
    if (unstarted.getAndIncrement() == 0) {
      try {
        pool.execute(this::work);
      } catch (RejectedExecutionException e) {
        // Stopped: the broker keeps the message or redelivers it.
      }
    }
  }

  private void work() {
    do {
      handOn(waiting.remove());
    } while (unstarted.decrementAndGet() > 0);
  }

  private void handOn(Arrival arrival) {
    MqttMessage message = arrival.message();
    List<Listener> listeners = subscriptions.listeners(message.topic());
    if (listeners.isEmpty() && patient) {
      unclaimed.add(arrival);
      if (!subscriptions.listeners(message.topic()).isEmpty()) {
        claim(); // a listener was added just now
      }
      return;
    }
    if (listeners.isEmpty()) {
      refusals.add(
          Reason.TOPIC, "a message on a topic without a subscription: " + shown(message.topic()));
    }
    AtomicInteger left = new AtomicInteger(listeners.size() + 1);
    Runnable done =
        () -> {
          if (left.decrementAndGet() == 0) {
            messages.decrementAndGet();
            bytes.addAndGet(-arrival.size());
            arrival.acknowledge().run();
          }
        };
    for (Listener listener : listeners) {
      try {
        listener.arrived(message, done);
      } catch (Exception e) {
        warnings.warn("a message on " + shown(message.topic()) + " failed: " + e);
        done.run();
      }
    }
    done.run();
  }

  /** Hands on waiting messages again, after a listener was added. */
  void claim() {
    for (Arrival next; (next = unclaimed.poll()) != null; ) {
      enqueue(next);
    }
  }

  /** No more listeners are expected for messages that still wait. */
  void giveUp() {
    patient = false;
    claim();
  }

  void leftOut(PacketGate.LeftOut message) {
    if (message.topic() == null) {
      refusals.add(
          Reason.TOO_LARGE,
          "a message of " + message.bytes() + " bytes; inbound.max-packet is " + largestPacket);
    } else {
      noTopic(message.topic());
    }
  }

  private void noTopic(String topic) {
    refusals.add(Reason.TOPIC, "a message on an invalid topic: " + shown(topic));
  }

  /** Whether it has no control characters (MQTT 5, 1.5.4); wildcards were rejected before. */
  private static boolean isTopic(String topic) {
    return !topic.isEmpty() && topic.chars().noneMatch(Character::isISOControl);
  }

  private static String shown(String topic) {
    return topic
        .substring(0, Math.min(SHOWN, topic.length()))
        .codePoints()
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** From now on messages are neither handed on nor acknowledged. */
  void stop() {
    stopped = true;
  }
}
