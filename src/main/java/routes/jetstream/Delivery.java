package routes.jetstream;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import routes.bus.Bus;
import routes.uplink.Telemetry;

/** A message in flight: delivered to this process, but not yet acknowledged or returned. */
final class Delivery {
  private static final byte[] ACK = "+ACK".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NAK = "-NAK".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] IN_PROGRESS = "+WPI".getBytes(StandardCharsets.US_ASCII);

  private final Message message;
  private final DeliveryInfo info;
  private final Tries before;
  private final long reconnects;
  private final Instant received = Instant.now();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile byte[] outcome;
  private volatile long confirmed = System.nanoTime();

  /**
   * @param before the message's earlier tries
   * @param reconnects the uplink's reconnects when the message was delivered
   */
  Delivery(Message message, DeliveryInfo info, Tries before, long reconnects) {
    this.message = message;
    this.info = info;
    this.before = before;
    this.reconnects = reconnects;
  }

  DeliveryInfo info() {
    return info;
  }

  long sequence() {
    return info.streamSequence();
  }

  long size() {
    return message.consumeByteCount();
  }

  Message message() {
    return message;
  }

  Tries before() {
    return before;
  }

  /** The time since the stream stored it. */
  Duration age() {
    return Duration.between(Instant.ofEpochSecond(0, info.timestamp()), Instant.now());
  }

  Instant received() {
    return received;
  }

  /** Whether this is a replay for another durable consumer. */
  boolean isForAnother(String durable) {
    String replayFor = DeadLetter.header(message, JetStreamConstants.REPLAY_FOR);
    return replayFor != null && !replayFor.equals(durable);
  }

  long reconnects() {
    return reconnects;
  }

  /** True for the one caller that routes the message or prevents its routing. */
  boolean start() {
    return started.compareAndSet(false, true);
  }

  /** True for the one caller that decides the outcome. */
  boolean settle() {
    return settled.compareAndSet(false, true);
  }

  void ack() {
    outcome = ACK;
  }

  /** Requests redelivery after {@code delay}. */
  void nak(Duration delay) {
    outcome =
        delay.isZero()
            ? NAK
            : ("-NAK {\"delay\":" + delay.toNanos() + "}").getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Sends the outcome to the server. Any connection will do, not only the one that delivered it.
   *
   * @return false if NATS is unavailable; retry later
   */
  boolean send(Bus bus) {
    return send(bus, outcome);
  }

  /** Extends the ack wait if {@code interval} nanoseconds have passed since the last time. */
  void inProgress(Bus bus, long now, long interval) {
    if (now - confirmed >= interval && !settled.get()) {
      confirmed = now;
      send(bus, IN_PROGRESS);
    }
  }

  private boolean send(Bus bus, byte[] text) {
    Bus.Session session = bus.session().orElse(null);
    if (session == null) {
      return false;
    }
    boolean interrupted = Thread.interrupted(); // jnats drops what an interrupted thread publishes
    try {
      session.connection().publish(new Answer(message.getReplyTo(), text));
      return true;
    } catch (IllegalStateException e) {
      return false; // just disconnected
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A message that jnats publishes without validating the server's own subject once more. */
  private static final class Answer extends NatsMessage {
    Answer(String subject, byte[] text) {
      super(text);
      this.subject = subject;
    }
  }

  /** Sets the body, the publisher's headers and those of {@link JetStreamConstants}. */
  void copyTo(Exchange exchange, HeaderFilterStrategy filter) {
    org.apache.camel.Message in = exchange.getIn();
    in.setBody(message.getData());
    Headers headers = DeadLetter.published(message);
    if (headers != null) {
      headers.forEach(
          (name, values) -> {
            if (!filter.applyFilterToExternalHeaders(name, values, exchange)) {
              in.setHeader(name, values.size() == 1 ? values.get(0) : List.copyOf(values));
            }
          });
    }
    exchange.setProperty(Telemetry.SOURCE_ID, in.getHeader(Telemetry.MESSAGE_ID));
    in.setHeader(JetStreamConstants.SUBJECT, message.getSubject());
    in.setHeader(JetStreamConstants.TIMESTAMP, info.timestamp() / 1_000_000);
    in.setHeader(JetStreamConstants.STREAM_SEQUENCE, info.streamSequence());
    in.setHeader(JetStreamConstants.DELIVERED, info.delivered());
    in.setHeader(JetStreamConstants.REFUSED, before.counted());
  }
}
