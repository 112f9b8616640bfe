package routes.jetstream;

import java.time.Duration;
import java.time.Instant;

/**
 * A message's tries by one gateway in this process.
 *
 * @param count how often the message was tried
 * @param first when it was first tried
 * @param setbacks refusals, and lost connections that it was suspected of causing
 * @param counted the setbacks that count against it
 * @param passed how many messages the gateway had delivered when this one was last suspected; -1 if
 *     it never was
 */
record Tries(int count, Instant first, int setbacks, int counted, long passed) {
  static final Tries NONE = new Tries(0, Instant.MAX, 0, 0, -1);

  private static final int LONGEST_DELAY_SECONDS = 60;

  /** A failure that the message did not cause. */
  Tries failed(Instant at) {
    return new Tries(count + 1, min(first, at), setbacks, counted, passed);
  }

  /** The far side was busy: the delay grows, but the failure never counts. */
  Tries busy(Instant at) {
    return new Tries(count + 1, min(first, at), setbacks + 1, counted, passed);
  }

  Tries refused(Instant at) {
    return new Tries(count + 1, min(first, at), setbacks + 1, counted + 1, passed);
  }

  /**
   * The connection ended while this message had waited longest. This counts only if other messages
   * have passed since the last time; a network outage that affects all of them proves nothing.
   *
   * @param delivered how many messages the gateway has delivered so far
   * @param alone whether no other message can pass in between; then it always counts
   */
  Tries suspected(Instant at, long delivered, boolean alone) {
    int more = alone || delivered != passed ? 1 : 0;
    return new Tries(count + 1, min(first, at), setbacks + 1, counted + more, delivered);
  }

  /** The delay before the next try, which grows with each setback. */
  Duration delay() {
    int seconds = 1 << Math.min(Math.max(setbacks, 1) - 1, 10);
    return Duration.ofSeconds(Math.min(seconds, LONGEST_DELAY_SECONDS));
  }

  private static Instant min(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
