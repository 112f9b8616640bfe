package routes.bus;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Exponential backoff with full jitter: a fleet that lost its server does not come back as one.
 *
 * @param min the upper bound of the first wait; it doubles with each failure
 * @param max the upper bound that it stays at
 */
record Backoff(Duration min, Duration max) {
  private static final long FLOOR_MILLIS = 50;

  /**
   * @param failures how many attempts have failed in a row, from 1
   */
  Duration delay(long failures) {
    long doublings = Math.min(Math.max(failures, 1) - 1, 30);
    long ceiling = Math.min(max.toMillis(), min.toMillis() << doublings);
    return Duration.ofMillis(FLOOR_MILLIS + ThreadLocalRandom.current().nextLong(ceiling + 1));
  }
}
