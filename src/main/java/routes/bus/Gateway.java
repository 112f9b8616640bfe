package routes.bus;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/** What one gateway did since the process started; it outlives restarts of the gateway's route. */
final class Gateway {
  private static final Duration SAME = Duration.ofMillis(100);

  private final String id;
  private final LongAdder delivered = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder redeliveries = new LongAdder();
  private final Drops drops = new Drops();

  /** Refusals of the messages that were given back, by number in the stream. */
  private final Map<Long, Integer> returned = new ConcurrentHashMap<>();

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
    for (Iterator<Long> each = returned.keySet().iterator(); each.hasNext(); ) {
      if (each.next() < firstBefore) {
        each.remove();
        drops.add(1);
      }
    }
    firstBefore = first;
  }

  Delivery received(Message message, long reconnects) {
    NatsJetStreamMetaData about = message.metaData();
    drops.delivered(about.streamSequence(), about.consumerSequence());
    int refusals = 0;
    if (about.deliveredCount() > 1) {
      redeliveries.increment();
      Integer before = returned.remove(about.streamSequence());
      refusals = before == null ? 0 : before;
    }
    return new Delivery(message, refusals, reconnects);
  }

  void acknowledged() {
    delivered.increment();
  }

  /** Counts a refusal and says how many this message has had now. */
  int refused(Delivery delivery) {
    refused.increment();
    return delivery.refusals() + 1;
  }

  void returned(Delivery delivery, int refusals) {
    returned.put(delivery.sequence(), refusals);
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

  long redeliveries() {
    return redeliveries.sum();
  }

  long drops() {
    return drops.count();
  }
}
