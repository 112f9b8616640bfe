package routes.log;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * Keeps the newest lines of the process's log, up to 256 KB of them. Lines are those of the console
 * without stack traces, and their times are in UTC.
 */
public final class RecentLines extends Handler {
  private static final int LARGEST = 256 * 1024;

  /** More than a reader shows, so that it finds a secret at the end of what it shows. */
  private static final int LONGEST = 2500;

  /** Objects around the text of each line. */
  private static final int OVERHEAD = 100;

  /** Also the characters that reorder text or break lines. */
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** SLF4J's name for the JDK's logging; camel-jbang uses another log. */
  private static final String JDK = "JDK14LoggerFactory";

  private static RecentLines instance;

  /**
   * A line of the log.
   *
   * @param number counts from 1
   * @param level as the JDK's logging has it
   * @param text time, level, logger and message
   */
  public record Line(long number, Instant time, int level, String text) {}

  private final int largest;
  private final Deque<Line> lines = new ArrayDeque<>();
  private final Formatter messages = new OneLine(false);
  private long size;
  private long number;

  /**
   * @param largest how many characters are kept
   */
  RecentLines(int largest) {
    this.largest = largest;
  }

  /**
   * The lines of this process. The first call starts keeping them, and adds the newest warnings
   * from before.
   */
  public static synchronized RecentLines keep() {
    if (instance == null) {
      instance = new RecentLines(LARGEST);
      List<RecentWarnings.Warning> before = RecentWarnings.newest();
      for (int i = before.size() - 1; i >= 0; i--) {
        RecentWarnings.Warning warning = before.get(i);
        Level level = warning.error() ? Level.SEVERE : Level.WARNING;
        instance.add(warning.time(), level, warning.logger(), warning.text());
      }
      Logger.getLogger("").addHandler(instance);
    }
    return instance;
  }

  /** Whether the log of this process passes here. */
  public static boolean areKept() {
    return LoggerFactory.getILoggerFactory().getClass().getSimpleName().equals(JDK);
  }

  /** The lines, the oldest first. */
  public synchronized List<Line> lines() {
    return new ArrayList<>(lines);
  }

  @Override
  public void publish(LogRecord event) {
    if (isLoggable(event)) {
      String message = String.valueOf(messages.formatMessage(event));
      add(event.getInstant(), event.getLevel(), OneLine.logger(event), message);
    }
  }

  private synchronized void add(Instant time, Level level, String logger, String message) {
    String text = TIME.format(time) + " " + OneLine.word(level) + " " + logger + " - " + message;
    text = text.substring(0, Math.min(text.length(), LONGEST));
    text = CONTROL.matcher(text.strip()).replaceAll(" ");
    lines.addLast(new Line(++number, time, level.intValue(), text));
    size += text.length() + OVERHEAD;
    while (size > largest) {
      size -= lines.removeFirst().text().length() + OVERHEAD;
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
