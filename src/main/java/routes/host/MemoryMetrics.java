package routes.host;

import java.util.function.Supplier;
import oshi.hardware.GlobalMemory;

/**
 * Physical memory.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.memory.usage - memory by state - By - system.memory.state. <i>free</i> is what
 *       programs can get without swapping, and <i>used</i> the rest: together they are the limit
 *   <li>system.memory.limit - all of it - By
 *   <li>system.memory.utilization - share of the limit by state - 1 - system.memory.state
 * </ul>
 *
 * <p><i>Not registered:</i> cached and buffers. The kernel gives them up when programs need the
 * memory, so they are part of free, on every operating system alike.
 */
final class MemoryMetrics extends MeterFamily {
  private static final String STATE = "system.memory.state";
  private static final Metric USAGE =
      Metric.gauge("system.memory.usage", "By", "Memory by state", STATE);
  private static final Metric LIMIT = Metric.gauge("system.memory.limit", "By", "Physical memory");
  private static final Metric UTILIZATION =
      Metric.gauge("system.memory.utilization", "1", "Share of the memory by state", STATE);

  private final Supplier<GlobalMemory> memory;

  MemoryMetrics(Supplier<GlobalMemory> memory) {
    super("memory");
    this.memory = memory;
  }

  @Override
  protected void read(Reading reading) {
    long limit = memory.get().getTotal();
    long free = memory.get().getAvailable();
    if (limit <= 0) {
      return;
    }
    long used = limit - free;
    reading.add(USAGE, used, "used");
    reading.add(USAGE, free, "free");
    reading.add(LIMIT, limit);
    reading.add(UTILIZATION, (double) used / limit, "used");
    reading.add(UTILIZATION, (double) free / limit, "free");
  }
}
