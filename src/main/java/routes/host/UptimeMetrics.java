package routes.host;

import java.util.function.Supplier;
import oshi.software.os.OperatingSystem;

/**
 * How long the machine has been up.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.uptime - time since the machine started - s
 * </ul>
 */
final class UptimeMetrics extends MeterFamily {
  private static final Metric UPTIME =
      Metric.gauge("system.uptime", "s", "Time since the machine started");

  private final Supplier<OperatingSystem> system;

  UptimeMetrics(Supplier<OperatingSystem> system) {
    super("uptime");
    this.system = system;
  }

  @Override
  protected void read(Reading reading) {
    long seconds = system.get().getSystemUptime();
    reading.add(UPTIME, seconds > 0 ? seconds : Double.NaN);
  }
}
