package routes.host;

import java.util.List;
import java.util.function.Supplier;
import oshi.hardware.PowerSource;

/**
 * Batteries.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>hw.battery.charge - charge as a share of what the battery can hold - 1 - hw.id
 *   <li>hw.battery.time_left - time until it is empty - s - hw.id
 * </ul>
 *
 * <p><i>Not registered:</i> anything on a machine without a battery; the time while it charges, and
 * on Linux, where OSHI doesn't tell it.
 */
final class BatteryMetrics extends MeterFamily {
  private static final String ID = "hw.id";
  private static final Metric CHARGE =
      Metric.gauge("hw.battery.charge", "1", "Charge of a battery", ID);
  private static final Metric TIME_LEFT =
      Metric.gauge("hw.battery.time_left", "s", "Time until a battery is empty", ID);

  private final Supplier<List<PowerSource>> batteries;

  BatteryMetrics(Supplier<List<PowerSource>> batteries) {
    super("battery");
    this.batteries = batteries;
  }

  @Override
  protected void read(Reading reading) {
    for (PowerSource battery : batteries.get()) {
      double charge = battery.getRemainingCapacityPercent();
      // Windows describes a full battery with nothing in it where there is none.
      boolean missing = battery.getMaxCapacity() == 1 && battery.getCurrentCapacity() == 0;
      if (charge >= 0 && !missing) {
        double seconds = battery.getTimeRemainingEstimated();
        reading.add(CHARGE, charge, battery.getName());
        reading.add(TIME_LEFT, seconds >= 0 ? seconds : Double.NaN, battery.getName());
      }
    }
  }
}
