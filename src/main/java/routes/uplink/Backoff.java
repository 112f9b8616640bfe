package routes.uplink;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between connection attempts: a random time between the minimum and a ceiling that doubles
 * with each attempt, up to the maximum. A fleet that lost its server at the same moment thus
 * reconnects spread out over time. Not thread-safe.
 */
public final class Backoff {
  private final Duration min;
  private final Duration max;
  private Duration ceiling;

  public Backoff(Duration min, Duration max) {
    this.min = min;
    this.max = max.compareTo(min) < 0 ? min : max;
    this.ceiling = min;
  }

  /** The pause after a lost connection or an attempt that did not reach the server. */
  public Duration next() {
    Duration doubled = ceiling.multipliedBy(2);
    ceiling = doubled.compareTo(max) > 0 ? max : doubled;
    return between(min, ceiling);
  }

  /** The pause after a refusal: near the maximum at once, because retrying soon will not help. */
  public Duration afterRefusal() {
    ceiling = max;
    return between(max.dividedBy(2), max);
  }

  /**
   * Resets to the minimum if the connection lasted longer than the current ceiling. A server that
   * accepts connections and closes them at once is therefore not flooded.
   */
  public void connectionEnded(Duration connected) {
    if (connected.compareTo(ceiling) > 0 && connected.compareTo(min.multipliedBy(2)) > 0) {
      ceiling = min;
    }
  }

  private static Duration between(Duration from, Duration to) {
    long range = to.toNanos() - from.toNanos();
    return from.plusNanos(range <= 0 ? 0 : ThreadLocalRandom.current().nextLong(range + 1));
  }
}
