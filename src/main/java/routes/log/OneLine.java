package routes.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;

/**
 * One line per event, of at most 2000 characters: time, level, last word of the logger's name,
 * message.
 */
final class OneLine extends Formatter {
  private static final int LONGEST = 2000;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT);

  private final boolean detailed;

  /**
   * @param detailed whether stack traces follow the line
   */
  OneLine(boolean detailed) {
    this.detailed = detailed;
  }

  @Override
  public String format(LogRecord event) {
    StringBuilder line = new StringBuilder(200);
    TIME.formatTo(LocalDateTime.ofInstant(event.getInstant(), ZoneId.systemDefault()), line);
    line.append(' ').append(word(event.getLevel())).append(' ');
    line.append(logger(event)).append(" - ");
    String message = String.valueOf(formatMessage(event));
    message = message.substring(0, Math.min(message.length(), LONGEST));
    line.append(CONTROL.matcher(message).replaceAll(" ")).append('\n');
    if (detailed && event.getThrown() != null) {
      StringWriter trace = new StringWriter();
      event.getThrown().printStackTrace(new PrintWriter(trace));
      line.append(trace);
    }
    return line.toString();
  }

  /** The last word of the logger's name. */
  static String logger(LogRecord event) {
    String name = String.valueOf(event.getLoggerName());
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** SLF4J's word for a level, five characters wide. */
  static String word(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (value >= Level.WARNING.intValue()) {
      return "WARN ";
    }
    if (value >= Level.INFO.intValue()) {
      return "INFO ";
    }
    return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }
}
