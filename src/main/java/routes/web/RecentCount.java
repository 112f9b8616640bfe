package routes.web;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Counts events, in total and in the last minute. */
final class RecentCount {
  private static final int PARTS = 7;
  private static final long PART = Duration.ofSeconds(10).toNanos();

  private final LongSupplier clock;
  private final long start;
  private final long[] counts = new long[PARTS];
  private long part;
  private long total;

  /**
   * @param clock nanoseconds
   */
  RecentCount(LongSupplier clock) {
    this.clock = clock;
    this.start = clock.getAsLong();
  }

  synchronized void add() {
    advance();
    counts[(int) (part % PARTS)]++;
    total++;
  }

  synchronized long total() {
    return total;
  }

  /** Events in the last 60 to 70 seconds, per minute. */
  synchronized double perMinute() {
    advance();
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    long since = Math.max(0, part - PARTS + 1) * PART;
    long span = clock.getAsLong() - start - since;
    return sum * 60e9 / Math.max(span, PART);
  }

  private void advance() {
    long now = (clock.getAsLong() - start) / PART;
    for (long next = Math.max(part + 1, now - PARTS + 1); next <= now; next++) {
      counts[(int) (next % PARTS)] = 0;
    }
    part = now;
  }
}
