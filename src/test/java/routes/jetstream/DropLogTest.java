package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DropLogTest {
  @Test
  void whatGoesWithinAMinuteIsALine() {
    try (LogLines lines = new LogLines()) {
      DropLog log = new DropLog("gateway-mqtt", "METRICS");
      log.count(0);
      assertThat(lines.with("went before")).isEmpty();
      log.count(1_200);
      log.count(1_300);
      log.count(1_400);
      assertThat(lines.with("went before"))
          .singleElement()
          .asString()
          .contains("1,200 messages", "METRICS (bus.max-age, bus.max-bytes)");
    }
  }
}
