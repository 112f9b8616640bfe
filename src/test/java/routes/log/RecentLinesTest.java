package routes.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class RecentLinesTest {
  private static final int LARGEST = 256 * 1024;

  private final RecentLines lines = new RecentLines(LARGEST);

  @Test
  void keepsLinesWithTimeLevelAndLogger() {
    log(Level.INFO, "connected");
    log(Level.SEVERE, "failed");
    assertThat(texts())
        .containsExactly(
            "2026-11-30T10:00:00.000Z INFO  Bus - connected",
            "2026-11-30T10:00:00.000Z ERROR Bus - failed");
  }

  @Test
  void keepsOneLinePerEventWithoutControlCharacters() {
    log(Level.INFO, "a\r\nb\u0000\u001b[31mc\u0085d\u2028e\u202ef\u007f");
    assertThat(texts().get(0)).endsWith(" - a b [31mc d e f ");
    log(Level.INFO, "x".repeat(1_000_000));
    assertThat(texts().get(1)).hasSize(2500);
    log(Level.INFO, null);
    assertThat(texts().get(2)).endsWith(" - null");
  }

  @Test
  void isBounded() {
    for (int i = 0; i < 100_000; i++) {
      log(Level.INFO, "line " + i);
    }
    List<RecentLines.Line> kept = lines.lines();
    assertThat(kept.get(kept.size() - 1).text()).endsWith("line 99999");
    assertThat(kept.get(kept.size() - 1).number()).isEqualTo(100_000);
    assertThat(kept.stream().mapToInt(line -> line.text().length()).sum()).isLessThan(LARGEST);
    assertThat(kept).hasSizeGreaterThan(1000);
  }

  private List<String> texts() {
    return lines.lines().stream().map(RecentLines.Line::text).toList();
  }

  private void log(Level level, String text) {
    LogRecord event = new LogRecord(level, text);
    event.setInstant(Instant.parse("2026-11-30T10:00:00Z"));
    event.setLoggerName("routes.bus.Bus");
    lines.publish(event);
  }
}
