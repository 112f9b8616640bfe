package routes.jetstream;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.SequenceInfo;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * A consumer's counters since the process started, published as the meters {@code bus.*}. Outlives
 * restarts of the route.
 */
final class ConsumerState {
  private static final Duration SAME = Duration.ofMillis(100);

  private final String id;
  private final LongAdder delivered = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder redeliveries = new LongAdder();
  private final LongAdder dead = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final LongAdder returnedCount = new LongAdder();
  private final RecentlyDone done = new RecentlyDone();
  private final Drops drops = new Drops();
  private final BacklogTrend trend = new BacklogTrend();

  /** Tries of failed messages, by stream sequence. */
  private final Map<Long, Tries> tries = new ConcurrentHashMap<>();

  private volatile long backlog = -1;
  private volatile String problem;
  private volatile Instant problemSince;
  private volatile List<String> filters = List.of();
  private ZonedDateTime created;
  private String name;

  ConsumerState(String id) {
    this.id = id;
  }

  /** Why no message can be taken from the stream; null if nothing is wrong. */
  String problem() {
    return problem;
  }

  void problem(String reason) {
    if (problem == null && reason != null) {
      problemSince = Instant.now();
    }
    problem = reason;
  }

  /** When the problem began; null if there has been none. */
  Instant problemSince() {
    return problemSince;
  }

  /** Publishes {@code bus.*} with the tag {@code gateway}, once. */
  void bindTo(MeterRegistry meters) {
    if (meters.find("bus.backlog").tag("gateway", id).gauge() != null) {
      return;
    }
    Gauge.builder("bus.backlog", this, state -> state.backlog < 0 ? Double.NaN : state.backlog)
        .description("Messages in the stream that the gateway has not delivered yet")
        .tag("gateway", id)
        .register(meters);
    counter(
        meters, "bus.delivered", "Messages that the destination acknowledged", g -> g.delivered());
    counter(meters, "bus.refused", "Refusals by the destination", g -> g.refused());
    counter(meters, "bus.dead", "Messages moved to the stream DEAD", g -> g.dead());
    counter(
        meters,
        "bus.expired",
        "Messages skipped because they were older than maxAge of the route",
        g -> g.expired());
    counter(
        meters,
        "bus.redeliveries",
        "Messages that JetStream redelivered",
        g -> g.redeliveries.sum());
    counter(
        meters,
        "bus.drops",
        "Undelivered messages that the limits of the stream removed (a lower bound)",
        g -> g.drops.count());
  }

  private void counter(
      MeterRegistry meters,
      String name,
      String description,
      ToDoubleFunction<ConsumerState> value) {
    FunctionCounter.builder(name, this, value)
        .description(description)
        .tag("gateway", id)
        .register(meters);
  }

  /**
   * Records the consumer's position before anything is pulled.
   *
   * @param first the stream's oldest message
   * @return whether the consumer has been replaced: earlier deliveries must no longer be
   *     acknowledged, because their sequences now belong to other messages
   */
  synchronized boolean bound(ConsumerInfo consumer, long first) {
    filters = filters(consumer);
    name = consumer.getName();
    SequenceInfo at = consumer.getDelivered();
    boolean another = created != null && !isKnown(consumer);
    if (another || created == null) {
      created = consumer.getCreationTime();
      tries.clear();
      drops.start(first, at.getStreamSequence(), at.getConsumerSequence());
    } else {
      drops.resume(at.getStreamSequence(), at.getConsumerSequence());
    }
    return another;
  }

  /** A consumer's filters as the server has them; without any, it receives every message. */
  static List<String> filters(ConsumerInfo consumer) {
    List<String> filters = consumer.getConsumerConfiguration().getFilterSubjects();
    return filters == null || filters.isEmpty() ? List.of(">") : filters;
  }

  /** The filters of the consumer, at most 5 s out of date; empty until it has been created. */
  List<String> filters() {
    return filters;
  }

  /** Whether this process has used the consumer before. */
  synchronized boolean hasUsed(String consumer) {
    return consumer.equals(name);
  }

  /** When the server created the consumer; null while unknown. */
  synchronized ZonedDateTime created() {
    return created;
  }

  /** nats-server 2.9 reports a slightly different time after a restart. */
  private boolean isKnown(ConsumerInfo consumer) {
    return isSame(created, consumer.getCreationTime());
  }

  /** Whether two reported times are those of one consumer. */
  static boolean isSame(ZonedDateTime one, ZonedDateTime other) {
    return Duration.between(one, other).abs().compareTo(SAME) < 0;
  }

  /**
   * Records the progress of the consumer and of its stream, which was polled second.
   *
   * @param mixed whether the stream holds messages that are not for this consumer
   */
  synchronized void polled(ConsumerInfo consumer, StreamInfo stream, boolean mixed) {
    if (created == null || !isKnown(consumer)) {
      return;
    }
    filters = filters(consumer);
    backlog = consumer.getNumPending() + consumer.getNumAckPending();
    trend.add(backlog);
    SequenceInfo at = consumer.getDelivered();
    StreamState state = stream.getStreamState();
    // A newer message that replaces an older one on its subject is not a loss.
    if (stream.getConfiguration().getMaxMsgsPerSubject() != 1) {
      drops.polled(
          new Drops.Poll(
              at.getStreamSequence(),
              at.getConsumerSequence(),
              consumer.getNumPending(),
              state.getFirstSequence(),
              state.getLastSequence(),
              mixed));
    }
    tries.keySet().removeIf(sequence -> sequence < state.getFirstSequence());
  }

  void backlogUnknown() {
    backlog = -1;
    trend.add(-1);
  }

  Delivery received(Message message, long reconnects) {
    DeliveryInfo info = DeliveryInfo.of(message.getReplyTo());
    long sequence = info.streamSequence();
    drops.delivered(sequence, info.consumerSequence());
    if (info.delivered() > 1) {
      redeliveries.increment();
    }
    return new Delivery(message, info, tries.getOrDefault(sequence, Tries.NONE), reconnects);
  }

  void acknowledged(Delivery delivery) {
    delivered.increment();
    done(delivery);
  }

  private void done(Delivery delivery) {
    tries.remove(delivery.sequence());
    done.add(delivery.info());
  }

  /** Whether the message was delivered before, or is a dead letter: its ack was lost. */
  boolean isDone(Delivery delivery) {
    return done.contains(delivery.info());
  }

  void refusedOne() {
    refused.increment();
  }

  void died(Delivery delivery) {
    dead.increment();
    done(delivery);
  }

  void expired(Delivery delivery) {
    expired.increment();
    done(delivery);
  }

  String id() {
    return id;
  }

  /** Records a try of a message. */
  Tries tried(Delivery delivery, UnaryOperator<Tries> result) {
    return tries.compute(
        delivery.sequence(),
        (number, before) -> result.apply(before == null ? Tries.NONE : before));
  }

  void returned(Delivery delivery) {
    returnedCount.increment();
    drops.returned(delivery.sequence());
  }

  /** Messages returned to the bus since the process started. */
  long returnedCount() {
    return returnedCount.sum();
  }

  /** -1 while unknown. */
  long backlog() {
    return backlog;
  }

  long[] backlogTrend() {
    return trend.values();
  }

  long delivered() {
    return delivered.sum();
  }

  long refused() {
    return refused.sum();
  }

  long dead() {
    return dead.sum();
  }

  long expired() {
    return expired.sum();
  }

  long redeliveries() {
    return redeliveries.sum();
  }

  long drops() {
    return drops.count();
  }
}
