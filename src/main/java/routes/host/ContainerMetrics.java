package routes.host;

import java.io.IOException;

/**
 * Limits and usage of the container or systemd unit in which this program runs.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>container.cpu.limit - number of processors it may use - {cpu}
 *   <li>container.cpu.time - processor time it has used - s
 *   <li>container.memory.limit - memory it may use - By
 *   <li>container.memory.usage - memory it uses, including its page cache - By
 * </ul>
 *
 * <p>A limit is the lowest of its own limit and those of the enclosing groups. The processor limit
 * may also be the number of processors it may run on.
 *
 * <p><i>Not registered:</i> a limit that is not set; anything outside control groups.
 */
final class ContainerMetrics extends MeterFamily {
  private static final Metric CPU_LIMIT =
      Metric.gauge("container.cpu.limit", "{cpu}", "Processors that the container may use");
  private static final Metric CPU_TIME =
      Metric.counter("container.cpu.time", "s", "Processor time that the container has used");
  private static final Metric MEMORY_LIMIT =
      Metric.gauge("container.memory.limit", "By", "Memory that the container may use");
  private static final Metric MEMORY_USAGE =
      Metric.gauge(
          "container.memory.usage", "By", "Memory that the container uses, including page cache");

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

  /** Limits and usage of a container; NaN is unknown or unlimited. */
  interface Container {
    double cpuLimit() throws IOException;

    double cpuSeconds() throws IOException;

    double memoryLimit() throws IOException;

    double memoryUsage() throws IOException;
  }
}
