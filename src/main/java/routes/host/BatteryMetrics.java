package routes.host;

import java.util.List;
import java.util.function.Supplier;

/**
 * Batteries.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>hw.battery.charge - charge as a share of the battery's capacity - 1 - hw.id
 *   <li>hw.battery.time_left - time until the battery is empty - s - hw.id
 * </ul>
 *
 * <p><i>Not registered:</i> anything on a machine without a battery; the time left while it
 * charges, or if the Linux driver does not report it; values outside their {@link Bounds}.
 */
final class BatteryMetrics extends MeterFamily {
  private static final String ID = "hw.id";
  private static final Metric CHARGE =
      Metric.gauge("hw.battery.charge", "1", "Charge of a battery: 1 is full", ID);
  private static final Metric TIME_LEFT =
      Metric.gauge("hw.battery.time_left", "s", "Time until a battery is empty", ID);

  private final Supplier<List<Source<Battery>>> batteries;

  BatteryMetrics(Supplier<List<Source<Battery>>> batteries) {
    super("battery");
    this.batteries = batteries;
  }

  @Override
  protected void read(Reading reading) {
    for (Source<Battery> battery : batteries.get()) {
      reading.record(battery.name(), () -> add(reading, battery.value().call()));
    }
  }

  private static void add(Reading reading, Battery battery) {
    reading.add(CHARGE, Bounds.BATTERY_CHARGE.check(battery.charge()), battery.name());
    reading.add(TIME_LEFT, Bounds.BATTERY_TIME.check(battery.secondsLeft()), battery.name());
  }

  /** A battery at one instant; NaN and negative values are unknown. */
  record Battery(String name, double charge, double secondsLeft) {}
}
