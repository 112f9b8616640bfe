package routes.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class RecentWarningsTest {
  private final RecentWarnings warnings = new RecentWarnings();

  @Test
  void keepsTheNewestWarningsInOneLineEach() {
    log(Level.WARNING, "first");
    log(Level.INFO, "not a warning");
    log(Level.SEVERE, "two\nlines " + "x".repeat(1000));
    RecentWarnings.Warning newest = RecentWarnings.newest().get(0);
    assertThat(newest.error()).isTrue();
    assertThat(newest.logger()).isEqualTo("Bus");
    assertThat(newest.text()).startsWith("two lines xxx").endsWith("x...").hasSize(503);
    assertThat(RecentWarnings.newest().get(1).text()).isEqualTo("first");
    for (int i = 0; i < 100; i++) {
      log(Level.WARNING, "again");
    }
    assertThat(RecentWarnings.newest()).hasSize(50);
  }

  private void log(Level level, String text) {
    LogRecord event = new LogRecord(level, text);
    event.setLoggerName("routes.bus.Bus");
    warnings.publish(event);
  }
}
