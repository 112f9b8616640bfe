package routes.log;

import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Writes the log to standard output, in UTF-8. At the levels debug and trace, with stack traces.
 */
public final class ConsoleLines extends Handler {
  private static volatile Predicate<String> hushed = name -> false;

  public ConsoleLines() {
    setFormatter(new OneLine(Logger.getLogger("").isLoggable(Level.FINE)));
  }

  /** Silences the loggers with matching names, in addition to those silenced before. */
  static void hush(Predicate<String> names) {
    hushed = hushed.or(names);
  }

  @Override
  public void publish(LogRecord event) {
    if (!hushed.test(event.getLoggerName())) {
      byte[] text = getFormatter().format(event).getBytes(StandardCharsets.UTF_8);
      System.out.write(text, 0, text.length); // at once, so that no other line comes between
      System.out.flush();
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
