package routes.link;

import java.util.List;
import java.util.Set;
import routes.log.CapturedLog;
import routes.log.CapturedLog.Event;

/** Captures the output of all loggers while it is open. */
public final class LogCapture implements AutoCloseable {
  private static final Set<String> DETAILS = Set.of("DEBUG", "TRACE");

  private final CapturedLog log = new CapturedLog();

  /** Lines of a logger, from level info on. */
  public List<String> lines(String logger) {
    return log.events().stream()
        .filter(event -> event.logger().equals(logger))
        .filter(event -> !DETAILS.contains(event.level()))
        .map(Event::message)
        .toList();
  }

  /** All lines, with exceptions. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Event event : log.events()) {
      text.append(event.message()).append('\n');
      if (event.thrown() != null) {
        text.append(event.thrown().getMessage()).append('\n');
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    log.close();
  }
}
