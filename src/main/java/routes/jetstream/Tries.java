package routes.jetstream;

import java.time.Duration;
import java.time.Instant;

/**
 * How a message has fared with one gateway, in this process.
 *
 * @param count how often it was tried
 * @param first when it was tried first
 * @param setbacks refusals, and losses of the connection that it was suspected of
 * @param counted those setbacks that count against it
 * @param passed how many messages the gateway had delivered when this one was suspected last; -1 if
 *     it never was
 */
record Tries(int count, Instant first, int setbacks, int counted, long passed) {
  static final Tries NONE = new Tries(0, Instant.MAX, 0, 0, -1);

  private static final int LONGEST_DELAY_SECONDS = 60;

  /** Failed for a reason that isn't its own. */
  Tries failed(Instant at) {
    return new Tries(count + 1, min(first, at), setbacks, counted, passed);
  }

  /** The far side is busy: it comes again later each time, and never counts. */
  Tries busy(Instant at) {
    return new Tries(count + 1, min(first, at), setbacks + 1, counted, passed);
  }

  Tries refused(Instant at) {
    return new Tries(count + 1, min(first, at), setbacks + 1, counted + 1, passed);
  }

  /**
   * The connection ended while this message had waited longest. That counts if others passed since
   * this happened last: a network that is cut for all of them proves nothing.
   *
   * @param delivered how many messages the gateway has delivered by now
   * @param alone no other message can pass meanwhile: then it always counts
   */
  Tries suspected(Instant at, long delivered, boolean alone) {
    int more = alone || delivered != passed ? 1 : 0;
    return new Tries(count + 1, min(first, at), setbacks + 1, counted + more, delivered);
  }

  /** How long to leave it alone: longer with each setback. */
  Duration delay() {
    int seconds = 1 << Math.min(Math.max(setbacks, 1) - 1, 10);
    return Duration.ofSeconds(Math.min(seconds, LONGEST_DELAY_SECONDS));
  }

  private static Instant min(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
