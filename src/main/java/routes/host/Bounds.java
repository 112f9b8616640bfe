package routes.host;

import java.util.Set;

/**
 * Plausible ranges of the numbers that devices report. A number outside its range is left out.
 * Without a reading, drivers report the maximum of an integer type or a value below the sensor's
 * range.
 */
enum Bounds {
  /** In Cel. A 1-Wire sensor reports -127 if it is not connected. */
  TEMPERATURE(-60, 150),
  /** In rpm. A stopped fan has 0. */
  FAN_SPEED(0, 50_000),
  /** In V, of a processor. */
  CPU_VOLTAGE(0.1, 5),
  /** In Hz. */
  CPU_FREQUENCY(1e6, 2e10),
  /** In bit/s. 65535 Mbit/s is -1 in sixteen bits. */
  LINK_SPEED(1e6, 1.6e12, 65_535e6),
  /** As a share of the battery's capacity. */
  BATTERY_CHARGE(0, 1),
  /** In s: a hundred days. */
  BATTERY_TIME(0, 8_640_000);

  private final double least;
  private final double most;
  private final Set<Double> sentinels;

  Bounds(double least, double most, Double... sentinels) {
    this.least = least;
    this.most = most;
    this.sentinels = Set.of(sentinels);
  }

  /** Returns the value, or NaN if it is implausible. */
  double check(double value) {
    return value >= least && value <= most && !sentinels.contains(value) ? value : Double.NaN;
  }
}
