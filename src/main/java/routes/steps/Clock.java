package routes.steps;

import java.time.Instant;
import java.time.InstantSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import routes.jetstream.JetStreamConstants;

/**
 * The time of steps: the bean {@code clock}, or else the time since the start, which changes of the
 * system's clock do not affect.
 *
 * @param controlled whether something else moves this clock, such as a test
 */
record Clock(InstantSource source, boolean controlled) {
  static final String BEAN = "clock";

  static Clock of(CamelContext context) {
    InstantSource bean = context.getRegistry().lookupByNameAndType(BEAN, InstantSource.class);
    return bean == null ? new Clock(steady(), false) : new Clock(bean, true);
  }

  private static InstantSource steady() {
    Instant start = Instant.now();
    long nanos = System.nanoTime();
    return () -> start.plusNanos(System.nanoTime() - nanos);
  }

  Instant now() {
    return source.instant();
  }

  /** When the stream stored the message; the current time for a message from another source. */
  Instant of(Exchange exchange) {
    Long stored = exchange.getMessage().getHeader(JetStreamConstants.TIMESTAMP, Long.class);
    return stored == null ? now() : Instant.ofEpochMilli(stored);
  }
}
