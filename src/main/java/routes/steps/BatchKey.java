package routes.steps;

import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;

/**
 * What the messages of a batch have in common.
 *
 * @param window the number of the period in which the stream stored them; 0 if there are no windows
 */
record BatchKey(String subject, long window) {
  /** How long after a window its last message may arrive. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  static BatchKey of(BatchEndpoint endpoint, Exchange exchange) {
    Duration window = endpoint.getWindow();
    long time = endpoint.clock().of(exchange).toEpochMilli();
    return new BatchKey(
        StepEndpoint.subject(exchange),
        window == null ? 0 : Math.floorDiv(time, window.toMillis()));
  }

  /** Whether the other one has the same subject and an earlier window, which is complete. */
  boolean isAfter(BatchKey other) {
    return other.window < window && other.subject.equals(subject);
  }

  /** When a batch that is opened now will be sent; unaffected by clock changes. */
  Instant due(BatchEndpoint endpoint) {
    Instant now = endpoint.clock().now();
    Duration length = endpoint.getWindow();
    if (length == null) {
      return now.plus(endpoint.getTime());
    }
    Duration left = Duration.between(now, Instant.ofEpochMilli((window + 1) * length.toMillis()));
    left = left.isNegative() ? Duration.ZERO : left.compareTo(length) > 0 ? length : left;
    return now.plus(left).plus(GRACE);
  }
}
