package routes.host;

import java.util.function.Supplier;

/**
 * Swap space.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.paging.usage - swap space by state - By - system.paging.state (used, free)
 *   <li>system.paging.utilization - share of the swap space by state - 1 - system.paging.state
 *   <li>system.paging.operations - pages moved to and from swap space - {operation} -
 *       system.paging.direction (in, out)
 * </ul>
 *
 * <p><i>Not registered:</i> anything on a machine without swap space; page faults, which OSHI does
 * not report; operations on a kernel that does not count them.
 */
final class PagingMetrics extends MeterFamily {
  private static final String STATE = "system.paging.state";
  private static final Metric USAGE =
      Metric.gauge("system.paging.usage", "By", "Swap space by state", STATE);
  private static final Metric UTILIZATION =
      Metric.gauge("system.paging.utilization", "1", "Share of swap space by state", STATE);
  private static final Metric OPERATIONS =
      Metric.counter(
          "system.paging.operations",
          "{operation}",
          "Pages swapped in or out",
          "system.paging.direction");

  private final Supplier<Swap> swap;

  PagingMetrics(Supplier<Swap> swap) {
    super("paging");
    this.swap = swap;
  }

  @Override
  protected void read(Reading reading) {
    Swap space = swap.get();
    double total = reading.number(space.total());
    if (!(total > 0)) {
      return;
    }
    reading.add(OPERATIONS, reading.number(space.pagesIn()), "in");
    reading.add(OPERATIONS, reading.number(space.pagesOut()), "out");
    double used = reading.number(space.used());
    if (!(used >= 0)) {
      return;
    }
    reading.add(USAGE, used, "used");
    reading.add(USAGE, total - used, "free");
    reading.add(UTILIZATION, used / total, "used");
    reading.add(UTILIZATION, (total - used) / total, "free");
  }

  /** Swap space at one instant, in bytes, and the pages moved; NaN is unknown. */
  record Swap(
      Source<Double> total, Source<Double> used, Source<Double> pagesIn, Source<Double> pagesOut) {}
}
