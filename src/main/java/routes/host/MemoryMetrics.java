package routes.host;

import java.util.function.Supplier;

/**
 * Physical memory.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.memory.usage - memory by state - By - system.memory.state. <i>free</i> is what
 *       programs can allocate without swapping, and <i>used</i> is the rest; together they are the
 *       limit
 *   <li>system.memory.limit - physical memory - By
 *   <li>system.memory.utilization - share of the limit by state - 1 - system.memory.state
 * </ul>
 *
 * <p><i>Not registered:</i> cached and buffers, which the kernel releases when programs need the
 * memory, so that they count as free on every operating system; usage if free exceeds the limit, as
 * in some containers.
 */
final class MemoryMetrics extends MeterFamily {
  private static final String STATE = "system.memory.state";
  private static final Metric USAGE =
      Metric.gauge(
          "system.memory.usage",
          "By",
          "Memory by state; free is available without swapping",
          STATE);
  private static final Metric LIMIT = Metric.gauge("system.memory.limit", "By", "Physical memory");
  private static final Metric UTILIZATION =
      Metric.gauge("system.memory.utilization", "1", "Share of memory by state", STATE);

  private final Supplier<Memory> memory;

  MemoryMetrics(Supplier<Memory> memory) {
    super("memory");
    this.memory = memory;
  }

  @Override
  protected void read(Reading reading) {
    Memory now = memory.get();
    double limit = reading.number(now.total());
    double free = reading.number(now.available());
    reading.add(LIMIT, limit > 0 ? limit : Double.NaN);
    if (!(limit > 0 && free <= limit)) {
      return;
    }
    double used = limit - free;
    reading.add(USAGE, used, "used");
    reading.add(USAGE, free, "free");
    reading.add(UTILIZATION, used / limit, "used");
    reading.add(UTILIZATION, free / limit, "free");
  }

  /**
   * Memory at one instant, in bytes.
   *
   * @param available what programs can allocate without swapping
   */
  record Memory(Source<Double> total, Source<Double> available) {}
}
