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
 * Hands messages that arrive to their listeners, in order, on the gateway's pool: a slow listener
 * holds up no PUBACK of outgoing messages. A message of QoS 1 is acknowledged when its listeners
 * are done. A message without room is refused, since the connection must not wait.
 */
final class Inbound {
  /** Messages of QoS 1 that may wait here: the client's Receive Maximum (MQTT 5, 3.1.2.11). */
  static final int ROOM = 64;

  private static final long BYTES = 4 << 20;
  private static final int SHOWN = 100;

  /** Receives the messages of a topic filter. */
  @FunctionalInterface
  interface Listener {
    /**
     * @param done to be called once when the message is dealt with, unless this method throws
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
   *     kept session messages arrive before routes have started
   */
  Inbound(
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
   * @param acknowledge run when the message is dealt with
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
    // Messages of QoS 0 leave room for as many of QoS 1 as the broker may send.
    int room = message.qos() == 0 ? ROOM : 2 * ROOM;
    if (messages.get() >= room || bytes.get() + size > BYTES) {
      refusals.add(Reason.OVERFLOW, "a message: they come faster than they can be worked on");
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
        // Stopped: the broker keeps the message or sends it again.
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
        claim(); // it came just now
      }
      return;
    }
    if (listeners.isEmpty()) {
      refusals.add(
          Reason.TOPIC, "a message on a topic that wasn't asked for: " + shown(message.topic()));
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

  /** A listener has come: it may be the one that messages wait for. */
  void claim() {
    for (Arrival next; (next = unclaimed.poll()) != null; ) {
      enqueue(next);
    }
  }

  /** No listener will come for what still waits. */
  void giveUp() {
    patient = false;
    claim();
  }

  void leftOut(PacketGate.LeftOut message) {
    if (message.topic() == null) {
      refusals.add(
          Reason.TOO_LARGE,
          "a message of "
              + message.bytes()
              + " bytes: at most "
              + largestPacket
              + " (inbound.max-packet)");
    } else {
      noTopic(message.topic());
    }
  }

  private void noTopic(String topic) {
    refusals.add(Reason.TOPIC, "a message on an invalid topic: " + shown(topic));
  }

  /** Without control characters (MQTT 5, 1.5.4); wildcards have been sorted out. */
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

  /** Messages are neither handed on nor acknowledged from now on. */
  void stop() {
    stopped = true;
  }
}
