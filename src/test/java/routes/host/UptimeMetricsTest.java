package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import oshi.software.os.OperatingSystem;

class UptimeMetricsTest {
  @Test
  void uptimeIsInSeconds() {
    Recorded<OperatingSystem> system =
        Recorded.a(OperatingSystem.class).with("getSystemUptime", 4711L);

    assertThat(Meters.of(new UptimeMetrics(system::reading)))
        .isEqualTo(Map.of("system.uptime", 4711.0));
  }

  @Test
  void anUnknownUptimeIsAbsent() {
    assertThat(Meters.of(new UptimeMetrics(Recorded.a(OperatingSystem.class)::reading))).isEmpty();
  }

  @Test
  void thisMachineHasStarted() {
    assertThat(Meters.of(new UptimeMetrics(new Machine()::operatingSystem)))
        .hasEntrySatisfying("system.uptime", seconds -> assertThat(seconds).isPositive());
  }
}
