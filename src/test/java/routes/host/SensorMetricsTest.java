package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.hardware.Sensors;

class SensorMetricsTest {
  @TempDir private Path thermal;

  private final Recorded<Sensors> sensors = Recorded.a(Sensors.class);

  @Test
  void temperatureVoltageAndFansAreMeasured() {
    sensors
        .with("getCpuTemperature", 48.5)
        .with("getCpuVoltage", 1.2)
        .with("getFanSpeeds", new int[] {900, 0});

    assertThat(read())
        .isEqualTo(
            Map.of(
                "hw.temperature cpu", 48.5,
                "hw.voltage cpu", 1.2,
                "hw.fan.speed fan1", 900.0,
                "hw.fan.speed fan2", 0.0));
  }

  @Test
  void aMachineWithoutSensorsHasNoneRatherThanZero() {
    assertThat(read()).isEmpty();
    sensors.with("getCpuTemperature", Double.NaN).with("getCpuVoltage", -1.0);
    assertThat(read()).isEmpty();
  }

  @Test
  void aBoardsOwnZoneIsReadInPlaceOfACommand() throws IOException {
    zone("thermal_zone0", "gpu-thermal", "90000");
    zone("thermal_zone1", "cpu-thermal", "-2500");

    assertThat(read()).isEqualTo(Map.of("hw.temperature cpu", -2.5));
    assertThat(sensors.calls("getCpuTemperature")).isZero();
    assertThat(sensors.calls("getCpuVoltage")).isZero();
  }

  @Test
  void thisMachinesTemperatureIsOneOfAMachine() {
    Machine machine = new Machine();

    assertThat(Meters.of(new SensorMetrics(machine::sensors, machine.thermal())))
        .allSatisfy((name, value) -> assertThat(value).isBetween(-60.0, 30_000.0));
  }

  private Map<String, Double> read() {
    return Meters.of(new SensorMetrics(sensors::reading, thermal));
  }

  private void zone(String name, String type, String millidegrees) throws IOException {
    Path zone = Files.createDirectory(thermal.resolve(name));
    Files.writeString(zone.resolve("type"), type + "\n");
    Files.writeString(zone.resolve("temp"), millidegrees + "\n");
  }
}
