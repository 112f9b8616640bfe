package routes.log;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged while this is open. */
public final class CapturedLog extends Handler implements AutoCloseable {
  /**
   * @param level ERROR, WARN, INFO, DEBUG or TRACE
   * @param thrown the stack trace's exception, or null
   */
  public record Event(String level, String logger, String message, Throwable thrown) {
    public boolean isProblem() {
      return level.equals("ERROR") || level.equals("WARN");
    }
  }

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Logger logger;

  /** Captures every logger. */
  public CapturedLog() {
    this("");
  }

  public CapturedLog(Class<?> type) {
    this(type.getName());
  }

  private CapturedLog(String name) {
    logger = Logger.getLogger(name);
    logger.addHandler(this);
  }

  @Override
  public void publish(LogRecord event) {
    events.add(
        new Event(
            OneLine.word(event.getLevel()).strip(),
            event.getLoggerName(),
            String.valueOf(event.getMessage()),
            event.getThrown()));
  }

  public List<Event> events() {
    return List.copyOf(events);
  }

  public List<String> messages() {
    return events.stream().map(Event::message).toList();
  }

  public void clear() {
    events.clear();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
