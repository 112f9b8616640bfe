package routes.bus;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsJetStreamMetaData;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message that this process holds: delivered, and neither acknowledged nor given back yet. */
final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private final Message message;
  private final NatsJetStreamMetaData about;
  private final int refusals;
  private final long reconnects;
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile long told = System.nanoTime();

  /**
   * @param refusals how many times it was refused before
   * @param reconnects how many times the uplink had come back when it was delivered
   */
  Delivery(Message message, int refusals, long reconnects) {
    this.message = message;
    this.about = message.metaData();
    this.refusals = refusals;
    this.reconnects = reconnects;
  }

  long sequence() {
    return about.streamSequence();
  }

  int refusals() {
    return refusals;
  }

  long reconnects() {
    return reconnects;
  }

  /** True for the one caller that may say how it ended. */
  boolean settle() {
    return settled.compareAndSet(false, true);
  }

  void ack() {
    say(message::ack);
  }

  /** Gives it back to the stream, to be delivered again after {@code delay}. */
  void nak(Duration delay) {
    if (delay.isZero()) {
      say(message::nak);
    } else {
      say(() -> message.nakWithDelay(delay));
    }
  }

  /** Tells the server that it is still worked on, if {@code interval} nanoseconds have passed. */
  void keep(long now, long interval) {
    if (now - told >= interval && !settled.get()) {
      told = now;
      say(message::inProgress);
    }
  }

  private void say(Runnable word) {
    boolean interrupted = Thread.interrupted(); // jnats drops what an interrupted thread publishes
    try {
      word.run();
    } catch (IllegalStateException e) {
      // The connection is closed for good: the server delivers it again after the ack wait.
      LOG.debug("message {} can't be settled", sequence(), e);
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
    Headers headers = message.getHeaders();
    if (headers != null) {
      headers.forEach(
          (name, values) -> {
            if (!filter.applyFilterToExternalHeaders(name, values, exchange)) {
              in.setHeader(name, values.size() == 1 ? values.get(0) : List.copyOf(values));
            }
          });
    }
    in.setHeader(JetStreamConstants.SUBJECT, message.getSubject());
    in.setHeader(JetStreamConstants.TIMESTAMP, about.timestamp().toInstant().toEpochMilli());
    in.setHeader(JetStreamConstants.STREAM_SEQUENCE, about.streamSequence());
    in.setHeader(JetStreamConstants.DELIVERED, about.deliveredCount());
    in.setHeader(JetStreamConstants.REFUSED, refusals);
  }
}
