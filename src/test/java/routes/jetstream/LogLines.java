package routes.jetstream;

import java.util.List;
import routes.log.CapturedLog;

/** Captures log lines at level info and above while it is open. */
public final class LogLines implements AutoCloseable {
  private final CapturedLog log = new CapturedLog();

  public List<String> all() {
    return log.events().stream()
        .map(
            event ->
                event.level()
                    + " "
                    + event.message()
                    + (event.thrown() == null ? "" : " !stack trace"))
        .toList();
  }

  public List<String> with(String part) {
    return all().stream().filter(line -> line.contains(part)).toList();
  }

  @Override
  public void close() {
    log.close();
  }
}
