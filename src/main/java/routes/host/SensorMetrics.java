package routes.host;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The processor's temperature and voltage, and the fans.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>hw.temperature - temperature of the processor, the highest of several - Cel - hw.id (cpu)
 *   <li>hw.voltage - its voltage - V - hw.id (cpu)
 *   <li>hw.fan.speed - fan speed, 0 for a stopped fan - rpm - hw.id (the chip and its fan, such as
 *       nct6775.656-fan1)
 * </ul>
 *
 * <p><i>Not registered:</i> values without a sensor, as on most virtual machines; values outside
 * their {@link Bounds}; the voltage of a Raspberry Pi, which only a command reports.
 */
final class SensorMetrics extends MeterFamily {
  private static final String ID = "hw.id";
  private static final Metric TEMPERATURE =
      Metric.gauge("hw.temperature", "Cel", "Temperature", ID);
  private static final Metric VOLTAGE = Metric.gauge("hw.voltage", "V", "Voltage", ID);
  private static final Metric FAN_SPEED = Metric.gauge("hw.fan.speed", "rpm", "Speed of a fan", ID);

  private final Supplier<List<Source<Sensor>>> sensors;

  SensorMetrics(Supplier<List<Source<Sensor>>> sensors) {
    super("sensor");
    this.sensors = sensors;
  }

  @Override
  protected void read(Reading reading) {
    Map<Kind, Double> highest = new HashMap<>();
    Map<String, Integer> fans = new HashMap<>();
    for (Source<Sensor> source : sensors.get()) {
      reading.record(
          source.name(),
          () -> {
            Sensor sensor = source.value().call();
            double value = sensor.kind().bounds.check(sensor.value());
            if (sensor.kind() == Kind.FAN_SPEED) {
              int number = fans.merge(sensor.id(), 1, Integer::sum);
              reading.add(FAN_SPEED, value, number == 1 ? sensor.id() : sensor.id() + "#" + number);
            } else if (!Double.isNaN(value)) {
              highest.merge(sensor.kind(), value, Math::max);
            }
          });
    }
    reading.add(TEMPERATURE, highest.getOrDefault(Kind.TEMPERATURE, Double.NaN), "cpu");
    reading.add(VOLTAGE, highest.getOrDefault(Kind.VOLTAGE, Double.NaN), "cpu");
  }

  /** What a sensor measures. */
  enum Kind {
    TEMPERATURE(Bounds.TEMPERATURE),
    VOLTAGE(Bounds.CPU_VOLTAGE),
    FAN_SPEED(Bounds.FAN_SPEED);

    private final Bounds bounds;

    Kind(Bounds bounds) {
      this.bounds = bounds;
    }
  }

  /**
   * The value of a sensor; NaN is unknown.
   *
   * @param id the fan's id, or cpu for the other kinds
   */
  record Sensor(Kind kind, String id, double value) {}
}
