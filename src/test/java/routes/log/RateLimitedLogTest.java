package routes.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import routes.jetstream.LogLines;

class RateLimitedLogTest {
  private final LogLines lines = new LogLines();
  private long now;
  private final RateLimitedLog log =
      new RateLimitedLog(LoggerFactory.getLogger("limited"), () -> now);

  @AfterEach
  void close() {
    lines.close();
  }

  @Test
  void logsEachTextOncePerMinuteAndCountsTheRest() {
    assertThat(log.warn("900 bytes are too many")).isTrue();
    assertThat(log.warn("901 bytes are too many")).isFalse();
    assertThat(log.warn("902 bytes are too many")).isFalse();
    assertThat(log.warn("another reason")).isTrue();
    now = TimeUnit.SECONDS.toNanos(61);
    assertThat(log.warn("903 bytes are too many")).isTrue();
    now = TimeUnit.SECONDS.toNanos(122);
    assertThat(log.warn("904 bytes are too many")).isTrue();
    assertThat(lines.all())
        .containsExactly(
            "WARN 900 bytes are too many",
            "WARN another reason",
            "WARN 903 bytes are too many (and 2 more like this)",
            "WARN 904 bytes are too many");
  }

  @Test
  void limitsAKeyRegardlessOfTheText() {
    assertThat(log.warn("drops", "1 dropped")).isTrue();
    assertThat(log.warn("drops", "2 dropped")).isFalse();
    log.reset("drops");
    assertThat(log.warn("drops", "3 dropped")).isTrue();
  }

  @Test
  void remembers100Texts() {
    for (char c = 0; c <= 100; c++) {
      log.warn("text " + (char) ('一' + c));
    }
    assertThat(log.warn("text 丁")).as("the second").isFalse();
    assertThat(log.warn("text 一")).as("the first").isTrue();
  }
}
