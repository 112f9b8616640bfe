package routes.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class OneLineTest {
  private static LogRecord event(Level level, String message) {
    LogRecord event = new LogRecord(level, message);
    event.setLoggerName("routes.link.MqttLink");
    event.setInstant(
        LocalDateTime.of(2026, 11, 30, 10, 2, 3, 4_000_000)
            .atZone(ZoneId.systemDefault())
            .toInstant());
    event.setThrown(new IllegalStateException("reason"));
    return event;
  }

  @Test
  void hasTimeLevelNameAndMessage() {
    assertThat(new OneLine(false).format(event(Level.WARNING, "connection reset {0}")))
        .isEqualTo("2026-11-30T10:02:03.004 WARN  MqttLink - connection reset {0}\n");
  }

  @Test
  void containsNoControlCharactersAndAtMost2000Others() {
    String line = new OneLine(false).format(event(Level.SEVERE, "a\r\n\tb" + "x".repeat(3000)));

    assertThat(line).contains("ERROR MqttLink - a bxxx").hasSizeBetween(2000, 2050);
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
  }

  @Test
  void isFollowedByTheStackTraceInDetail() {
    assertThat(new OneLine(true).format(event(Level.FINE, "x")))
        .contains("DEBUG MqttLink - x\n", "IllegalStateException: reason", "\tat ");
  }

  @Test
  void survivesAnEventWithoutNameAndMessage() {
    assertThat(new OneLine(false).format(new LogRecord(Level.FINEST, null)))
        .contains("TRACE null - null");
  }
}
