package routes.uplink;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between two tries to connect: a random time between the least pause and a ceiling that
 * doubles with each try, up to the longest pause. A fleet that lost its server at one moment thus
 * comes back spread out. Not thread-safe.
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

  /** The pause after a try that didn't reach the server, or after a connection was lost. */
  public Duration next() {
    Duration doubled = ceiling.multipliedBy(2);
    ceiling = doubled.compareTo(max) > 0 ? max : doubled;
    return between(min, ceiling);
  }

  /** The pause after the server refused: near the longest at once, for trying again won't help. */
  public Duration afterRefusal() {
    ceiling = max;
    return between(max.dividedBy(2), max);
  }

  /**
   * Starts again from the least pause, if a connection held longer than the longest pause it would
   * have to wait now: a server that accepts and kicks at once isn't hammered.
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
