package routes.link;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import routes.link.Refusals.Reason;

/**
 * Hands messages that arrive to their listeners, in order, on a thread of its own: a listener that
 * takes its time doesn't hold up the PUBACKs of what goes out.
 *
 * <p>QoS 1 messages are acknowledged after their listeners have returned; the broker sends no more
 * than the Receive Maximum before that, if it speaks MQTT 5 and keeps to it. What is beyond the
 * room for waiting ones is refused: the connection must not wait, since PUBACKs come on it too.
 */
final class Inbound<M> implements LiveLink.Arrivals<M> {
  /**
   * Messages from the broker that may wait here: the client's Receive Maximum (MQTT 5, 3.1.2.11).
   */
  static final int ROOM = 64;

  /** Bytes that may wait here. */
  private static final long BYTES = 4 << 20;

  private static final int SHOWN = 100;

  private final Subscriptions<M> subscriptions;
  private final Refusals refusals;
  private final int largestPacket;
  private final Logger log;
  private final ThreadPoolExecutor thread;
  private final AtomicLong bytes = new AtomicLong();

  Inbound(ConnectionPolicy policy, Subscriptions<M> subscriptions, Refusals refusals, Logger log) {
    this.subscriptions = subscriptions;
    this.refusals = refusals;
    this.largestPacket = policy.largestPacket();
    this.log = log;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Threads.named(policy.name() + "-messages"));
    thread.allowCoreThreadTimeOut(true);
  }

  @Override
  public void arrived(String topic, M message, Link<M> link) {
    if (thread.isShutdown()) {
      return;
    }
    if (!isTopic(topic)) {
      refusals.add(Reason.TOPIC, "a message on what is no topic: " + shown(topic));
      link.acknowledge(message);
      return;
    }
    long size = topic.length() + (long) link.payload(message);
    // Those of QoS 0 leave room for as many of QoS 1 as the broker may send.
    int room = link.qos(message) == 0 ? ROOM : 2 * ROOM;
    if (thread.getQueue().size() >= room || bytes.get() + size > BYTES) {
      refusals.add(Reason.OVERFLOW, "a message: they come faster than they can be worked on");
      link.refuse(message);
      return;
    }
    bytes.addAndGet(size);
    thread.execute(() -> handOn(topic, message, link, size));
  }

  private void handOn(String topic, M message, Link<M> link, long size) {
    List<Subscriptions.Listener<M>> listeners = subscriptions.listeners(topic);
    if (listeners.isEmpty()) {
      refusals.add(Reason.TOPIC, "a message on a topic that wasn't asked for: " + shown(topic));
    }
    try {
      for (Subscriptions.Listener<M> listener : listeners) {
        try {
          listener.arrived(topic, message);
        } catch (Exception e) {
          log.warn("a message on {} failed: {}", shown(topic), e.toString());
        }
      }
    } finally {
      bytes.addAndGet(-size);
    }
    link.acknowledge(message);
  }

  @Override
  public void tooLarge(long size) {
    refusals.add(
        Reason.TOO_LARGE,
        "a message of " + size + " bytes: at most " + largestPacket + " (inbound.max-packet)");
  }

  /** Without wildcards and control characters (MQTT 5, 1.5.4 and 3.3.2.1). */
  private static boolean isTopic(String topic) {
    return topic != null
        && !topic.isEmpty()
        && topic.chars().noneMatch(c -> c == '+' || c == '#' || Character.isISOControl(c));
  }

  private static String shown(String topic) {
    String start = topic == null ? "" : topic.substring(0, Math.min(SHOWN, topic.length()));
    return start
        .codePoints()
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  void stop() {
    thread.shutdownNow();
  }
}
