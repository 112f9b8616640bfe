package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class UptimeMetricsTest {
  @Test
  void uptimeIsInSeconds() {
    assertThat(Meters.of(new UptimeMetrics(() -> 4711))).isEqualTo(Map.of("system.uptime", 4711.0));
  }

  @Test
  void omitsAnUnknownUptime() {
    assertThat(Meters.of(new UptimeMetrics(() -> 0))).isEmpty();
  }

  @Test
  void uptimeOfThisMachineIsPositive() {
    assertThat(Meters.of(new UptimeMetrics(new Machine().uptime())))
        .hasEntrySatisfying("system.uptime", seconds -> assertThat(seconds).isPositive());
  }
}
