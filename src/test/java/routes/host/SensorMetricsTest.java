package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import oshi.hardware.Sensors;

class SensorMetricsTest {
  @TempDir private Path sys;

  private final Recorded<Sensors> sensors = Recorded.a(Sensors.class);

  @Test
  void usesOshiOutsideLinux() {
    sensors
        .with("getCpuTemperature", 48.5)
        .with("getCpuVoltage", 1.2)
        .with("getFanSpeeds", new int[] {900, 0});

    assertThat(readElsewhere())
        .isEqualTo(
            Map.of(
                "hw.temperature cpu", 48.5,
                "hw.voltage cpu", 1.2,
                "hw.fan.speed fan1", 900.0,
                "hw.fan.speed fan2", 0.0));
  }

  @Test
  void aMachineWithoutSensorsHasNoMetersRatherThanZero() {
    assertThat(readElsewhere()).isEmpty();
    sensors.with("getCpuTemperature", Double.NaN).with("getCpuVoltage", -1.0);
    assertThat(readElsewhere()).isEmpty();
    assertThat(read()).isEmpty();
  }

  @Test
  void chipsAndZonesAreMeasured() throws IOException {
    zone("thermal_zone0", "acpitz", "27800");
    chip("hwmon0", "coretemp", "coretemp.0", "temp1_input=51000", "temp2_input=64000");
    chip("hwmon1", "coretemp", "coretemp.1", "temp1_input=55000");
    chip("hwmon2", "nvme", "nvme0", "temp1_input=70000");
    chip("hwmon10", "nct6775", "nct6775.656", "in0_input=1104", "fan1_input=900", "fan2_input=0");

    assertThat(read())
        .isEqualTo(
            Map.of(
                "hw.temperature cpu", 55.0,
                "hw.voltage cpu", 1.104,
                "hw.fan.speed nct6775.656-fan1", 900.0,
                "hw.fan.speed nct6775.656-fan2", 0.0));
  }

  @Test
  void readsTheThermalZoneOfABoard() throws IOException {
    zone("thermal_zone0", "gpu-thermal", "90000");
    zone("thermal_zone1", "cpu-thermal", "-2500");

    assertThat(read()).isEqualTo(Map.of("hw.temperature cpu", -2.5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-127000", "-1", "4294967295", "2147483647", "150001", "-60001", ""})
  void omitsAnImplausibleTemperature(String millidegrees) throws IOException {
    zone("thermal_zone0", "cpu-thermal", millidegrees);
    chip("hwmon0", "k10temp", "0000:00:18.3", "temp1_input=" + millidegrees);

    Meters meters = meters();
    assertThat(meters.values()).isEmpty();
    assertThat(meters.allValues()).containsEntry("collector.success sensor", 1.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"65535", "-1", "4294967295", "50001"})
  void omitsOnlyTheImplausibleSpeed(String rpm) throws IOException {
    chip("hwmon0", "it87", "it87.2608", "fan1_input=" + rpm, "fan2_input=1200");

    assertThat(read()).isEqualTo(Map.of("hw.fan.speed it87.2608-fan2", 1200.0));
  }

  @Test
  void omitsASensorThatItsDriverReportsAsFaulty() throws IOException {
    chip("hwmon0", "it87", "it87.2608", "fan1_input=1200", "fan1_fault=1");

    assertThat(read()).isEmpty();
  }

  @Test
  void distinguishesSensorsWithEqualNames() throws IOException {
    chip("hwmon0", "emc2305", "1-002d", "fan1_input=1000");
    chip("hwmon1", "emc2305", "1-004c", "fan1_input=2000");
    chip("hwmon2", "fan", null, "fan1_input=3000");
    chip("hwmon3", "fan", null, "fan1_input=4000");

    assertThat(read())
        .isEqualTo(
            Map.of(
                "hw.fan.speed emc2305-1-002d-fan1", 1000.0,
                "hw.fan.speed emc2305-1-004c-fan1", 2000.0,
                "hw.fan.speed fan-fan1", 3000.0,
                "hw.fan.speed fan-fan1#2", 4000.0));
  }

  @Test
  void idsSurviveRenumbering() throws IOException {
    chip("hwmon0", "nct6775", "nct6775.656", "fan1_input=1000");
    chip("hwmon1", "dell_smm", "dell_smm_hwmon", "fan1_input=2000");
    Map<String, Double> before = read();
    Files.move(sys.resolve("hwmon/hwmon0"), sys.resolve("hwmon/hwmon2"));
    Files.move(sys.resolve("hwmon/hwmon1"), sys.resolve("hwmon/hwmon0"));

    assertThat(read()).isEqualTo(before).hasSize(2);
  }

  @Test
  void anInvalidValueLosesOnlyItsSensor() throws IOException {
    chip("hwmon0", "it87", "it87.2608", "fan1_input=12x", "fan2_input=1200");

    Map<String, Double> values = meters().allValues();
    assertThat(values)
        .containsEntry("hw.fan.speed it87.2608-fan2", 1200.0)
        .containsEntry("collector.success sensor", 0.0)
        .doesNotContainKey("hw.fan.speed it87.2608-fan1");
  }

  @Test
  void measuresADeviceThatAppearsLater() throws IOException {
    Meters meters = meters();
    assertThat(meters.values()).isEmpty();
    chip("hwmon0", "it87", "it87.2608", "fan2_input=1200");

    assertThat(meters.later().values()).containsEntry("hw.fan.speed it87.2608-fan2", 1200.0);
  }

  @Test
  void temperaturesOfThisMachineArePlausible() {
    assertThat(Meters.of(new SensorMetrics(new Machine().sensors())))
        .allSatisfy((name, value) -> assertThat(value).isBetween(-60.0, 50_000.0));
  }

  private Map<String, Double> readElsewhere() {
    return Meters.of(new SensorMetrics(Hwmon.elsewhere(sensors::reading)));
  }

  private Map<String, Double> read() {
    return meters().values();
  }

  private Meters meters() {
    return new Meters(new SensorMetrics(Hwmon.linux(sys.resolve("hwmon"), sys.resolve("thermal"))));
  }

  private void zone(String name, String type, String millidegrees) throws IOException {
    Path zone = Files.createDirectories(sys.resolve("thermal").resolve(name));
    Files.writeString(zone.resolve("type"), type + "\n");
    Files.writeString(zone.resolve("temp"), millidegrees + "\n");
  }

  private void chip(String hwmon, String name, String device, String... attributes)
      throws IOException {
    Path chip = Files.createDirectories(sys.resolve("hwmon").resolve(hwmon));
    Files.writeString(chip.resolve("name"), name + "\n");
    if (device != null) {
      Path folder = Files.createDirectories(sys.resolve("devices").resolve(device));
      Files.createSymbolicLink(chip.resolve("device"), folder);
    }
    for (String attribute : attributes) {
      String[] pair = attribute.split("=");
      Files.writeString(chip.resolve(pair[0]), (pair.length > 1 ? pair[1] : "") + "\n");
    }
  }
}
