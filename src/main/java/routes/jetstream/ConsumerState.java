package routes.jetstream;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.SequenceInfo;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * What a consumer has done since the process started. It outlives restarts of the route, and
 * publishes the meters {@code bus.*}.
 */
final class ConsumerState {
  private static final Duration SAME = Duration.ofMillis(100);

  private final String id;
  private final LongAdder delivered = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder redeliveries = new LongAdder();
  private final LongAdder dead = new LongAdder();
  private final LongAdder returnedCount = new LongAdder();
  private final Drops drops = new Drops();

  /** Tries of the messages that have failed, by stream sequence. */
  private final Map<Long, Tries> tries = new ConcurrentHashMap<>();

  private volatile long backlog = -1;
  private volatile String problem;
  private ZonedDateTime created;

  ConsumerState(String id) {
    this.id = id;
  }

  /** Why no message can be taken from the stream; null if nothing is wrong. */
  String problem() {
    return problem;
  }

  void problem(String reason) {
    problem = reason;
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
    counter(meters, "bus.delivered", "Messages delivered and acknowledged", g -> g.delivered());
    counter(meters, "bus.refused", "Failures while the uplink was connected", g -> g.refused());
    counter(meters, "bus.dead", "Messages that went to the stream DEAD", g -> g.dead());
    counter(
        meters,
        "bus.redeliveries",
        "Messages that the bus delivered again",
        g -> g.redeliveries.sum());
    counter(
        meters,
        "bus.drops",
        "Messages that the stream's limits removed before the gateway delivered them",
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
   * Takes the position of the consumer before anything is pulled.
   *
   * @param first the stream's oldest message
   * @return whether it is another consumer than before: earlier deliveries must not be acknowledged
   *     any more, because their sequences belong to other messages now
   */
  synchronized boolean bound(ConsumerInfo consumer, long first) {
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

  /** nats-server 2.9 reports a slightly different time after a restart. */
  private boolean isKnown(ConsumerInfo consumer) {
    return Duration.between(created, consumer.getCreationTime()).abs().compareTo(SAME) < 0;
  }

  /**
   * Takes the progress of the consumer and of its stream, which was asked after it.
   *
   * @param mixed whether the stream holds messages that are not for this consumer
   */
  synchronized void polled(ConsumerInfo consumer, StreamInfo stream, boolean mixed) {
    if (created == null || !isKnown(consumer)) {
      return;
    }
    backlog = consumer.getNumPending() + consumer.getNumAckPending();
    SequenceInfo at = consumer.getDelivered();
    StreamState state = stream.getStreamState();
    // A newer message that replaces an older one of its subject is no loss.
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
  }

  Delivery received(Message message, long reconnects) {
    NatsJetStreamMetaData metadata = message.metaData();
    long sequence = metadata.streamSequence();
    drops.delivered(sequence, metadata.consumerSequence());
    if (metadata.deliveredCount() > 1) {
      redeliveries.increment();
    }
    return new Delivery(message, tries.getOrDefault(sequence, Tries.NONE), reconnects);
  }

  void acknowledged(Delivery delivery) {
    delivered.increment();
    tries.remove(delivery.sequence());
  }

  void refusedOne() {
    refused.increment();
  }

  void died(Delivery delivery) {
    dead.increment();
    tries.remove(delivery.sequence());
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

  /** Messages that were returned to the bus since the process started. */
  long returnedCount() {
    return returnedCount.sum();
  }

  /** -1 while unknown. */
  long backlog() {
    return backlog;
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

  long redeliveries() {
    return redeliveries.sum();
  }

  long drops() {
    return drops.count();
  }
}
