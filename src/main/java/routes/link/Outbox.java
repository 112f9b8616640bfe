package routes.link;

import io.netty.handler.codec.mqtt.MqttMessageType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import routes.link.Failure.Kind;
import routes.uplink.Handover;

/**
 * Queued messages and messages in flight. Any thread may hand over a message without blocking;
 * everything else happens on the event loop. Messages survive the end of a connection only while
 * its credential is renewed. Replies to commands always survive, since nobody would send them
 * again.
 */
final class Outbox {
  /** Bytes that may be in flight; a larger message is sent alone. */
  private static final long MOST_BYTES = 8 << 20;

  /** Leaves packet identifiers for subscriptions. */
  private static final int MOST_MESSAGES = 65_000;

  /** How often a reply is tried: it may be the reason why the connection ends each time. */
  private static final int MOST_TRIES = 5;

  private final ConnectionPolicy policy;
  private final Handover<Outgoing> outcomes;
  private final Forbidden forbidden;
  private final LongConsumer acknowledged;
  private final Supplier<Failure> away;
  private final Pace pace;

  private final Queue<Outgoing> arriving = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Deque<Outgoing> samples = new ArrayDeque<>();
  private final Deque<Outgoing> replies = new ArrayDeque<>();

  /** By packet identifier, in the order they were sent. */
  private final Map<Integer, Outgoing> inFlight = new LinkedHashMap<>();

  private Session session;
  private boolean renewing;
  private boolean paused;
  private boolean replyIsNext;
  private boolean watched;
  private boolean ending;
  private long bytes;
  private volatile int inFlightCount;

  /** Whether the loop looks for new messages by itself, at the next PUBACK or within 1 ms. */
  private volatile boolean looking;

  /**
   * @param outcomes reports to the senders on the gateway's pool
   * @param acknowledged receives the ns that a message took
   * @param away returns why there is no connection
   */
  Outbox(
      ConnectionPolicy policy,
      Handover<Outgoing> outcomes,
      Forbidden forbidden,
      LongConsumer acknowledged,
      Supplier<Failure> away) {
    this.policy = policy;
    this.outcomes = outcomes;
    this.forbidden = forbidden;
    this.acknowledged = acknowledged;
    this.away = away;
    this.pace = new Pace(policy.publishesPerSecond(), this::drain);
  }

  void publish(Outgoing message) {
    try {
      PublishSize.check(message.message);
    } catch (Failure e) {
      message.end(e);
      outcomes.add(message);
      outcomes.handOver();
      return;
    }
    arriving.add(message);
    boolean soon = looking && inFlightCount > 0;
    if (!soon && scheduled.compareAndSet(false, true)) {
      LinkLoop.execute(this::drain);
    }
  }

  /** The connection accepts messages from now on. */
  void open(Session next) {
    session = next;
    renewing = false;
    paused = false;
    restart(samples);
    restart(replies);
    drain();
  }

  private static void restart(Deque<Outgoing> waiting) {
    long now = System.nanoTime();
    waiting.forEach(message -> message.start = now);
  }

  /** Stops sending on this connection; new messages wait for the next one. */
  void pause() {
    paused = true;
  }

  boolean idle() {
    return inFlight.values().stream().allMatch(Outgoing::ended);
  }

  int inFlight() {
    return inFlightCount;
  }

  boolean uses(int id) {
    return inFlight.containsKey(id);
  }

  /** Sends what the window, the rate and the socket allow, in one flush. */
  void drain() {
    scheduled.set(false);
    boolean more = false;
    for (Outgoing next; (next = arriving.poll()) != null; more = true) {
      (next.reply ? replies : samples).add(next);
    }
    if (session == null && !renewing) {
      failAll(samples, away.get());
      failAll(replies, away.get());
    } else if (session != null && !paused) {
      boolean wrote = false;
      for (Outgoing next; (next = next()) != null; ) {
        wrote |= send(next);
      }
      if (wrote) {
        session.flush();
      }
      watch();
      if (more && !looking) {
        looking = true;
        LinkLoop.schedule(this::look, 1, TimeUnit.MILLISECONDS);
      }
    }
    outcomes.handOver();
  }

  /** Waking the loop for each message would cost more than the message. */
  private void look() {
    looking = false;
    drain();
  }

  /** Returns the next message if it may be sent now, otherwise null. */
  private Outgoing next() {
    boolean reply = !replies.isEmpty() && (replyIsNext || samples.isEmpty());
    Deque<Outgoing> queue = reply ? replies : samples;
    Outgoing head = queue.peek();
    if (head == null) {
      return null;
    }
    head.size = PublishSize.of(head.message, session.five());
    Failure refusal = session.limits().check(head.message, head.size.packet());
    if (refusal != null) {
      head.end(refusal);
    } else if (!fits(head)) {
      return null;
    }
    replyIsNext = !reply;
    return queue.poll();
  }

  private boolean fits(Outgoing message) {
    if (pace.isFull() || !session.writable()) {
      return false;
    }
    return message.message.qos() == 0
        || inFlight.isEmpty()
        || inFlight.size() < window() && bytes + message.size.packet() <= MOST_BYTES;
  }

  private int window() {
    int broker = session.limits().receiveMaximum();
    return Math.min(MOST_MESSAGES, Math.min(policy.inFlight(), broker));
  }

  /** Returns whether the message was written. */
  private boolean send(Outgoing message) {
    Failure refusal = message.ended() ? null : forbidden.check(message.message.topic());
    if (refusal != null) {
      message.end(refusal);
    }
    if (message.ended()) {
      outcomes.add(message);
      return false;
    }
    pace.enter();
    if (message.message.qos() == 0) {
      session.send(
          message.message,
          message.size,
          failure -> {
            pace.leave();
            end(message, failure);
            outcomes.handOver();
          });
      return true;
    }
    int id = session.nextId();
    inFlight.put(id, message);
    inFlightCount = inFlight.size();
    bytes += message.size.packet();
    session.send(message.message, message.size, id);
    return true;
  }

  /**
   * Handles a PUBACK, PUBREC or PUBCOMP.
   *
   * @return whether such a packet was expected
   */
  boolean acknowledged(MqttMessageType type, int id, Failure refusal) {
    Outgoing message = inFlight.get(id);
    MqttMessageType due =
        message == null || message.message.qos() == 1
            ? MqttMessageType.PUBACK
            : message.released ? MqttMessageType.PUBCOMP : MqttMessageType.PUBREC;
    if (message == null || type != due) {
      return false;
    }
    if (type == MqttMessageType.PUBREC && refusal == null) {
      message.released = true;
      session.reply(MqttMessageType.PUBREL, id, 0);
      return true;
    }
    inFlight.remove(id);
    inFlightCount = inFlight.size();
    bytes -= message.size.packet();
    pace.leave();
    Failure reason = permitted(message, refusal);
    if (reason == null || reason.kind() != Kind.BUSY || !mayRetry(message)) {
      end(message, reason);
    } else {
      LinkLoop.schedule(() -> retry(message), 1L << message.tries, TimeUnit.SECONDS);
    }
    return true;
  }

  /** Returns the refusal, or the one already recorded for the topic. */
  private Failure permitted(Outgoing message, Failure refusal) {
    String topic = message.message.topic();
    if (refusal == null && !message.reply) {
      forbidden.accepted(topic);
    }
    return refusal != null && refusal.kind() == Kind.FORBIDDEN
        ? forbidden.refused(topic, refusal)
        : refusal;
  }

  /** Whether to retry a message after a failure that it did not cause. */
  private boolean mayRetry(Outgoing message) {
    return message.kept && !message.ended() && !ending && ++message.tries < MOST_TRIES;
  }

  private void retry(Outgoing message) {
    message.start = System.nanoTime();
    message.released = false;
    replies.add(message);
    drain();
  }

  /** From now on nothing is kept for another connection. */
  void end() {
    ending = true;
    drain();
  }

  private void end(Outgoing message, Failure failure) {
    if (!message.ended()) {
      if (failure == null) {
        acknowledged.accept(System.nanoTime() - message.start);
      }
      message.end(failure);
      outcomes.add(message);
    }
  }

  /** The connection has ended: messages fail or, during a renewal, wait for the next connection. */
  void closed(Failure why) {
    boolean opened = session != null;
    session = null;
    renewing = why.kind() == Kind.RENEWED;
    List<Outgoing> unacknowledged =
        inFlight.values().stream().filter(message -> !message.ended()).toList();
    inFlight.values().forEach(message -> pace.leave());
    inFlight.clear();
    inFlightCount = 0;
    bytes = 0;
    if (renewing) {
      for (int i = unacknowledged.size() - 1; i >= 0; i--) {
        Outgoing message = unacknowledged.get(i);
        message.released = false;
        (message.reply ? replies : samples).addFirst(message);
      }
      return;
    }
    Failure lost = opened ? new Failure(Kind.UNREACHABLE, why.getMessage(), why) : away.get();
    Failure first =
        why.kind() == Kind.CLOSED ? new Failure(Kind.SUSPECT, why.getMessage(), why) : lost;
    List<Outgoing> kept = new ArrayList<>();
    for (Outgoing message : unacknowledged) {
      if (mayRetry(message)) {
        message.released = false;
        kept.add(message);
      } else {
        end(message, first);
      }
      first = lost;
    }
    kept.addAll(replies);
    replies.clear();
    replies.addAll(kept);
    failAll(samples, lost);
    failAll(replies, lost);
    outcomes.handOver();
  }

  private void failAll(Deque<Outgoing> waiting, Failure why) {
    waiting.stream()
        .filter(message -> !message.kept || ending)
        .forEach(message -> end(message, why));
    waiting.removeIf(Outgoing::ended);
  }

  private void watch() {
    boolean empty = inFlight.isEmpty() && samples.isEmpty() && replies.isEmpty();
    if (!watched && !empty) {
      watched = true;
      long period = Math.max(10, Math.min(1_000, policy.publishTimeout().toMillis() / 20));
      LinkLoop.schedule(this::findOverdue, period, TimeUnit.MILLISECONDS);
    }
  }

  private void findOverdue() {
    watched = false;
    String limit = Durations.text(policy.publishTimeout());
    String full = pace.isFull() ? "the publish rate is reached" : "the in-flight window is full";
    String unsent = "not sent within " + limit + ": " + full;
    overdue(List.copyOf(inFlight.values()), "no PUBACK within " + limit);
    overdue(new ArrayList<>(samples), unsent);
    overdue(new ArrayList<>(replies), unsent);
    samples.removeIf(Outgoing::ended);
    replies.removeIf(Outgoing::ended);
    outcomes.handOver();
    if (session != null) {
      watch();
    }
  }

  /** Treats a connection as dead if nothing was acknowledged on it during the whole timeout. */
  private void overdue(List<Outgoing> messages, String reason) {
    Duration limit = policy.publishTimeout();
    for (Outgoing message : messages) {
      if (session == null || System.nanoTime() - message.start < limit.toNanos()) {
        return;
      }
      if (!message.ended()) {
        Failure failure = new Failure(Kind.UNREACHABLE, reason);
        if (session.lastAcknowledged() - message.start < 0) {
          session.end(failure);
          return;
        }
        end(message, failure);
      }
    }
  }
}
