package routes.host;

import java.io.IOException;

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
 * <p>A limit is the least of its own and those of the groups around it; one of processors may also
 * be the number it may run on.
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

  private final Container container;

  ContainerMetrics(Container container) {
    super("container");
    this.container = container;
  }

  @Override
  protected void read(Reading reading) {
    reading.record("cpu.limit", () -> reading.add(CPU_LIMIT, container.cpuLimit()));
    reading.record("cpu.time", () -> reading.add(CPU_TIME, container.cpuSeconds()));
    reading.record("memory.limit", () -> reading.add(MEMORY_LIMIT, container.memoryLimit()));
    reading.record("memory.usage", () -> reading.add(MEMORY_USAGE, container.memoryUsage()));
  }

  /** What a container may use and uses; NaN is unknown or unlimited. */
  interface Container {
    double cpuLimit() throws IOException;

    double cpuSeconds() throws IOException;

    double memoryLimit() throws IOException;

    double memoryUsage() throws IOException;
  }
}
