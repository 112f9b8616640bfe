package routes.log;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** Keeps the newest warnings and errors of the process's log. */
public final class RecentWarnings extends Handler {
  private static final int CAPACITY = 50;
  private static final int LONGEST = 500;

  /** For all instances, because LogManager creates them. */
  private static final Deque<Warning> NEWEST = new ArrayDeque<>();

  private static volatile boolean kept;

  /**
   * A line of the log.
   *
   * @param error whether it is an error; otherwise it is a warning
   * @param logger without its package
   */
  public record Warning(Instant time, boolean error, String logger, String text) {}

  /** Called by LogManager. */
  public RecentWarnings() {
    kept = true;
    setLevel(Level.WARNING);
    setFormatter(new OneLine(false));
  }

  /** Whether {@link ConsoleLog} is in use; camel-jbang has a log of its own. */
  public static boolean areKept() {
    return kept;
  }

  /** The newest first. */
  public static List<Warning> newest() {
    synchronized (NEWEST) {
      return new ArrayList<>(NEWEST);
    }
  }

  @Override
  public void publish(LogRecord event) {
    if (!isLoggable(event)) {
      return;
    }
    String text = String.valueOf(getFormatter().formatMessage(event));
    text = text.strip().replaceAll("\\p{Cntrl}+", " ");
    Warning warning =
        new Warning(
            event.getInstant(),
            event.getLevel().intValue() >= Level.SEVERE.intValue(),
            OneLine.logger(event),
            text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text);
    synchronized (NEWEST) {
      NEWEST.addFirst(warning);
      if (NEWEST.size() > CAPACITY) {
        NEWEST.removeLast();
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
