package routes.link;

import java.time.Duration;
import org.slf4j.Logger;

/**
 * Says that the connection is away and why, once a minute while it stays away and at once when the
 * reason has changed; and when it is back. Not thread-safe.
 */
final class OutageLog {
  private static final long QUIET = Duration.ofMinutes(1).toNanos();

  private final Logger log;
  private String lastReason;
  private long lastLine;
  private boolean said = true;

  OutageLog(Logger log) {
    this.log = log;
  }

  /**
   * @param what such as "not connected"
   */
  void away(String what, String reason, Duration pause) {
    long now = System.nanoTime();
    if (!reason.equals(lastReason) || now - lastLine >= QUIET) {
      log.warn("{}: {}; next try in {}", what, reason, Durations.text(pause));
      lastReason = reason;
      lastLine = now;
      said = true;
    }
  }

  /** A line for each outage that had one: a broker that accepts and kicks fills no log. */
  void back(String line) {
    if (said) {
      log.info(line);
      said = false;
    }
  }
}
