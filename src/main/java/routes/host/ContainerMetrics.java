package routes.host;

import java.util.function.Supplier;
import routes.host.Cgroup.Use;

/**
 * What the container, or the systemd unit, that this program runs in may use and uses.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>container.cpu.limit - processors' worth of time it may use - {cpu}
 *   <li>container.cpu.time - processor time it has used - s
 *   <li>container.memory.limit - memory it may use - By
 *   <li>container.memory.usage - memory it uses, the page cache on its behalf included - By
 * </ul>
 *
 * <p><i>Not registered:</i> a limit that isn't set; anything outside of control groups.
 */
final class ContainerMetrics extends MeterFamily {
  private static final Metric CPU_LIMIT =
      Metric.gauge("container.cpu.limit", "{cpu}", "Processors' worth of time it may use");
  private static final Metric CPU_TIME =
      Metric.counter("container.cpu.time", "s", "Processor time it has used");
  private static final Metric MEMORY_LIMIT =
      Metric.gauge("container.memory.limit", "By", "Memory it may use");
  private static final Metric MEMORY_USAGE =
      Metric.gauge("container.memory.usage", "By", "Memory it uses, page cache included");

  private final Supplier<Use> container;

  ContainerMetrics(Supplier<Use> container) {
    super("container");
    this.container = container;
  }

  @Override
  protected void read(Reading reading) {
    Use use = container.get();
    reading.add(CPU_LIMIT, use.cpuLimit());
    reading.add(CPU_TIME, use.cpuSeconds());
    reading.add(MEMORY_LIMIT, use.memoryLimit());
    reading.add(MEMORY_USAGE, use.memoryUsage());
  }
}
