package routes.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import oshi.hardware.Sensors;

/**
 * The processor's temperature and voltage, and the fans.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>hw.temperature - temperature of the processor - Cel - hw.id (cpu)
 *   <li>hw.voltage - its voltage - V - hw.id (cpu)
 *   <li>hw.fan.speed - fans - rpm - hw.id (fan1, fan2, ...). A fan that stands still has 0
 * </ul>
 *
 * <p><i>Not registered:</i> what the machine has no sensor for, as most virtual ones; the voltage
 * of a Raspberry Pi, which only a command tells.
 */
final class SensorMetrics extends MeterFamily {
  private static final String ID = "hw.id";
  private static final Metric TEMPERATURE =
      Metric.gauge("hw.temperature", "Cel", "Temperature", ID);
  private static final Metric VOLTAGE = Metric.gauge("hw.voltage", "V", "Voltage", ID);
  private static final Metric FAN_SPEED =
      Metric.gauge("hw.fan.speed", "rpm", "Revolutions of a fan each minute", ID);

  private final Supplier<Sensors> sensors;
  private final Path zone;

  /**
   * @param thermal /sys/class/thermal
   */
  SensorMetrics(Supplier<Sensors> sensors, Path thermal) {
    super("sensor");
    this.sensors = sensors;
    this.zone = processorZone(thermal);
  }

  @Override
  protected void read(Reading reading) throws IOException {
    if (zone != null) {
      // OSHI starts vcgencmd for each number on a Raspberry Pi; the kernel knows as well.
      String millidegrees = Files.readString(zone.resolve("temp")).strip();
      reading.add(TEMPERATURE, Integer.parseInt(millidegrees) / 1000.0, "cpu");
    } else {
      reading.add(TEMPERATURE, positive(sensors.get().getCpuTemperature()), "cpu");
      reading.add(VOLTAGE, positive(sensors.get().getCpuVoltage()), "cpu");
    }
    int[] fans = sensors.get().getFanSpeeds();
    for (int i = 0; i < fans.length; i++) {
      reading.add(FAN_SPEED, fans[i], "fan" + (i + 1));
    }
  }

  private static double positive(double value) {
    return value > 0 ? value : Double.NaN;
  }

  /** Boards with an ARM processor have this zone. */
  private static Path processorZone(Path thermal) {
    if (Files.isDirectory(thermal)) {
      try (DirectoryStream<Path> zones = Files.newDirectoryStream(thermal, "thermal_zone*")) {
        for (Path zone : zones) {
          if (Files.readString(zone.resolve("type")).strip().equals("cpu-thermal")) {
            return zone;
          }
        }
      } catch (IOException e) {
        return null;
      }
    }
    return null;
  }
}
