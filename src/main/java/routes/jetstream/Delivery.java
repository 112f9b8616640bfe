package routes.jetstream;

import io.nats.client.Message;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import routes.bus.Bus;

/** A message that this process holds: delivered, and neither acknowledged nor given back yet. */
final class Delivery {
  private static final byte[] ACK = "+ACK".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NAK = "-NAK".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] IN_PROGRESS = "+WPI".getBytes(StandardCharsets.US_ASCII);

  private final Message message;
  private final NatsJetStreamMetaData about;
  private final Tries before;
  private final long reconnects;
  private final Instant received = Instant.now();
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile byte[] word;
  private volatile long told = System.nanoTime();

  /**
   * @param before how it fared before
   * @param reconnects how many times the uplink had come back when it was delivered
   */
  Delivery(Message message, Tries before, long reconnects) {
    this.message = message;
    this.about = message.metaData();
    this.before = before;
    this.reconnects = reconnects;
  }

  long sequence() {
    return about.streamSequence();
  }

  Message message() {
    return message;
  }

  Tries before() {
    return before;
  }

  Instant received() {
    return received;
  }

  /** Whether it was published again for another gateway, which alone had failed. */
  boolean isForAnother(String gateway) {
    String replayFor = DeadLetter.header(message, JetStreamConstants.REPLAY_FOR);
    return replayFor != null && !replayFor.equals(gateway);
  }

  long reconnects() {
    return reconnects;
  }

  /** True for the one caller that decides how it ended. */
  boolean settle() {
    return settled.compareAndSet(false, true);
  }

  void ack() {
    word = ACK;
  }

  /** Is to go back to the stream, and be delivered again after {@code delay}. */
  void nak(Duration delay) {
    word =
        delay.isZero()
            ? NAK
            : ("-NAK {\"delay\":" + delay.toNanos() + "}").getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Tells the server how it ended. Any connection will do, not only the one that brought it.
   *
   * @return false if NATS is away: this is to be tried again
   */
  boolean report(Bus bus) {
    return say(bus, word);
  }

  /** Tells the server that it is still worked on, if {@code interval} nanoseconds have passed. */
  void keep(Bus bus, long now, long interval) {
    if (now - told >= interval && !settled.get()) {
      told = now;
      say(bus, IN_PROGRESS);
    }
  }

  private boolean say(Bus bus, byte[] text) {
    Bus.Session session = bus.session().orElse(null);
    if (session == null) {
      return false;
    }
    boolean interrupted = Thread.interrupted(); // jnats drops what an interrupted thread publishes
    try {
      session.connection().publish(message.getReplyTo(), text);
      return true;
    } catch (IllegalStateException e) {
      return false; // lost just now
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Body, the publisher's headers and those of {@link JetStreamConstants}. */
  void copyTo(Exchange exchange, HeaderFilterStrategy filter) {
    org.apache.camel.Message in = exchange.getIn();
    in.setBody(message.getData());
    DeadLetter.published(message)
        .forEach(
            (name, values) -> {
              if (!filter.applyFilterToExternalHeaders(name, values, exchange)) {
                in.setHeader(name, values.size() == 1 ? values.get(0) : List.copyOf(values));
              }
            });
    in.setHeader(JetStreamConstants.SUBJECT, message.getSubject());
    in.setHeader(JetStreamConstants.TIMESTAMP, about.timestamp().toInstant().toEpochMilli());
    in.setHeader(JetStreamConstants.STREAM_SEQUENCE, about.streamSequence());
    in.setHeader(JetStreamConstants.DELIVERED, about.deliveredCount());
    in.setHeader(JetStreamConstants.REFUSED, before.counted());
  }
}
