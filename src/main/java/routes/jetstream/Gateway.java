package routes.jetstream;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.SequenceInfo;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/** What one gateway did since the process started; it outlives restarts of the gateway's route. */
final class Gateway {
  private static final Duration SAME = Duration.ofMillis(100);

  private final String id;
  private final LongAdder delivered = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder redeliveries = new LongAdder();
  private final LongAdder dead = new LongAdder();
  private final LongAdder returnedCount = new LongAdder();
  private final Drops drops = new Drops();

  /** Messages that were given back, by number in the stream. */
  private final Set<Long> returned = ConcurrentHashMap.newKeySet();

  /**
   * How those fared that have failed; kept while they are out again: one may come twice at once.
   */
  private final Map<Long, Tries> tries = new ConcurrentHashMap<>();

  private volatile long backlog = -1;
  private ZonedDateTime created;
  private long firstBefore;

  Gateway(String id) {
    this.id = id;
  }

  /** Publishes {@code bus.*} with the tag {@code gateway}, once. */
  void bindTo(MeterRegistry meters) {
    if (meters.find("bus.backlog").tag("gateway", id).gauge() != null) {
      return;
    }
    Gauge.builder(
            "bus.backlog", this, gateway -> gateway.backlog < 0 ? Double.NaN : gateway.backlog)
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
      MeterRegistry meters, String name, String description, ToDoubleFunction<Gateway> value) {
    FunctionCounter.builder(name, this, value)
        .description(description)
        .tag("gateway", id)
        .register(meters);
  }

  /**
   * Learns where the consumer is before anything is pulled.
   *
   * @param first the stream's oldest message
   * @return whether it is another consumer than before: what was delivered earlier must not be
   *     acknowledged any more, because the numbers mean other messages now
   */
  synchronized boolean bound(ConsumerInfo consumer, long first) {
    SequenceInfo at = consumer.getDelivered();
    boolean another = created != null && !isKnown(consumer);
    if (another || created == null) {
      created = consumer.getCreationTime();
      returned.clear();
      tries.clear();
      firstBefore = 0;
      drops.start(first, at.getStreamSequence(), at.getConsumerSequence());
    } else {
      drops.advance(at.getStreamSequence(), at.getConsumerSequence());
    }
    return another;
  }

  /** nats-server 2.9 tells another time after a restart, some tenths of a millisecond later. */
  private boolean isKnown(ConsumerInfo consumer) {
    return Duration.between(created, consumer.getCreationTime()).abs().compareTo(SAME) < 0;
  }

  /**
   * Learns how far stream and consumer are.
   *
   * @param first the stream's oldest message, asked for before the consumer
   */
  synchronized void polled(long first, ConsumerInfo consumer) {
    if (created == null || !isKnown(consumer)) {
      return;
    }
    backlog = consumer.getNumPending() + consumer.getNumAckPending();
    SequenceInfo at = consumer.getDelivered();
    drops.idle(first, at.getStreamSequence(), at.getConsumerSequence());
    // Those that went before the last poll: by now one on its way here would have arrived.
    for (Iterator<Long> each = returned.iterator(); each.hasNext(); ) {
      if (each.next() < firstBefore) {
        each.remove();
        drops.add(1);
      }
    }
    tries.keySet().removeIf(number -> number < firstBefore);
    firstBefore = first;
  }

  Delivery received(Message message, long reconnects) {
    NatsJetStreamMetaData about = message.metaData();
    drops.delivered(about.streamSequence(), about.consumerSequence());
    if (about.deliveredCount() > 1) {
      redeliveries.increment();
      returned.remove(about.streamSequence());
    }
    Tries before = tries.getOrDefault(about.streamSequence(), Tries.NONE);
    return new Delivery(message, before, reconnects);
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

  /** Takes note of how a message fared. */
  Tries tried(Delivery delivery, UnaryOperator<Tries> result) {
    return tries.compute(
        delivery.sequence(),
        (number, before) -> result.apply(before == null ? Tries.NONE : before));
  }

  void returned(Delivery delivery) {
    returnedCount.increment();
    returned.add(delivery.sequence());
  }

  /** Messages that went back to the bus since the process started. */
  long returnedCount() {
    return returnedCount.sum();
  }

  /** -1 until it is known. */
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
