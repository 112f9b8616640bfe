package routes.log;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;

/**
 * Logs warnings at most once per minute and text. Texts that differ only in long numbers, such as
 * sizes, count as one.
 */
public final class RateLimitedLog {
  private static final long PERIOD = Duration.ofMinutes(1).toNanos();
  private static final int CAPACITY = 100;
  private static final Pattern NUMBER = Pattern.compile("\\d{3,}");

  private static final class Line {
    private final long loggedAt;
    private int suppressed;

    Line(long loggedAt) {
      this.loggedAt = loggedAt;
    }
  }

  private final Map<String, Line> entries =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Line> eldest) {
          return size() > CAPACITY;
        }
      };

  private final Logger log;
  private final LongSupplier clock;

  public RateLimitedLog(Logger log) {
    this(log, System::nanoTime);
  }

  RateLimitedLog(Logger log, LongSupplier clock) {
    this.log = log;
    this.clock = clock;
  }

  /**
   * Logs a line, with the number of similar lines that were suppressed before it.
   *
   * @return whether it was logged
   */
  public boolean warn(String line) {
    return warnWithCount(NUMBER.matcher(line).replaceAll("#"), line);
  }

  /**
   * Logs a line, with the number of lines with the same key that were suppressed before it.
   *
   * @return whether it was logged
   */
  public synchronized boolean warnWithCount(String key, String line) {
    Line last = entries.get(key);
    if (!due(key)) {
      return false;
    }
    boolean suffix = last != null && last.suppressed > 0;
    log.warn("{}", suffix ? line + " (and " + last.suppressed + " more like this)" : line);
    return true;
  }

  /**
   * Logs a line unless one with the same key was logged within the last minute.
   *
   * @return whether it was logged
   */
  public synchronized boolean warn(String key, String line) {
    boolean due = due(key);
    if (due) {
      log.warn("{}", line);
    }
    return due;
  }

  /** Allows the next line with this key. */
  public synchronized void reset(String key) {
    entries.remove(key);
  }

  private boolean due(String key) {
    long now = clock.getAsLong();
    Line last = entries.get(key);
    if (last != null && now - last.loggedAt < PERIOD) {
      last.suppressed++;
      return false;
    }
    entries.remove(key); // the map keeps the order of insertion
    entries.put(key, new Line(now));
    return true;
  }
}
