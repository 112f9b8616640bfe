package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.hardware.PowerSource;

class BatteryMetricsTest {
  @Test
  void chargeAndTimeAreMeasured() {
    assertThat(read(battery(0.83).with("getTimeRemainingEstimated", 5400.0)))
        .isEqualTo(Map.of("hw.battery.charge BAT0", 0.83, "hw.battery.time_left BAT0", 5400.0));
  }

  @Test
  void anUnknownOrEndlessTimeIsAbsent() {
    assertThat(read(battery(0.83).with("getTimeRemainingEstimated", -1.0)))
        .containsOnlyKeys("hw.battery.charge BAT0");
    assertThat(read(battery(0.83).with("getTimeRemainingEstimated", -2.0)))
        .containsOnlyKeys("hw.battery.charge BAT0");
  }

  @Test
  void anUnknownChargeIsAbsent() {
    assertThat(read(battery(-1))).isEmpty();
  }

  @Test
  void ignoresTheBatteryThatWindowsInvents() {
    assertThat(
            read(
                battery(1)
                    .with("getTimeRemainingEstimated", -1.0)
                    .with("getMaxCapacity", 1)
                    .with("getCurrentCapacity", 0)))
        .isEmpty();
  }

  @Test
  void measuresAnEmptyBattery() {
    assertThat(read(battery(0))).containsEntry("hw.battery.charge BAT0", 0.0);
  }

  @Test
  void readsEachBatteryOnLinux(@TempDir Path supplies) throws IOException {
    supply(supplies, "AC", "status=Not charging");
    supply(supplies, "BAT0", "capacity=83", "status=Discharging", "time_to_empty_now=5400");
    supply(supplies, "BAT1", "capacity=255", "status=Discharging", "time_to_empty_now=-1");
    supply(supplies, "BAT2", "capacity=x");
    Meters meters = new Meters(new BatteryMetrics(Batteries.linux(supplies)));

    assertThat(meters.allValues())
        .isEqualTo(
            Map.of(
                "hw.battery.charge BAT0", 0.83,
                "hw.battery.time_left BAT0", 5400.0,
                "collector.success battery", 0.0));
  }

  private static void supply(Path supplies, String name, String... attributes) throws IOException {
    Path supply = Files.createDirectory(supplies.resolve(name));
    for (String attribute : attributes) {
      String[] pair = attribute.split("=");
      Files.writeString(supply.resolve(pair[0]), pair[1] + "\n");
    }
  }

  @Test
  void chargesOfThisMachineAreBetween0And1() {
    assertThat(Meters.of(new BatteryMetrics(new Machine().batteries())))
        .allSatisfy((name, value) -> assertThat(value).isGreaterThanOrEqualTo(0));
  }

  private static Recorded<PowerSource> battery(double charge) {
    return Recorded.a(PowerSource.class)
        .with("getName", "BAT0")
        .with("getRemainingCapacityPercent", charge)
        .with("getTimeRemainingEstimated", -1.0)
        .with("getMaxCapacity", 50_000)
        .with("getCurrentCapacity", 40_000);
  }

  private static Map<String, Double> read(Recorded<PowerSource> battery) {
    return Meters.of(new BatteryMetrics(Batteries.elsewhere(() -> List.of(battery.reading()))));
  }
}
