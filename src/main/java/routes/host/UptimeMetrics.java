package routes.host;

import java.util.function.DoubleSupplier;

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

  private final DoubleSupplier uptime;

  UptimeMetrics(DoubleSupplier uptime) {
    super("uptime");
    this.uptime = uptime;
  }

  @Override
  protected void read(Reading reading) {
    double seconds = uptime.getAsDouble();
    reading.add(UPTIME, seconds > 0 ? seconds : Double.NaN);
  }
}
