package routes.host;

import java.util.function.Supplier;
import oshi.software.os.OperatingSystem;

/**
 * Processes and threads of all programs.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.process.count - processes - {process}
 *   <li>system.thread.count - threads of all processes - {thread}. OpenTelemetry has no name for it
 * </ul>
 *
 * <p><i>Not registered:</i> processes by state, and each process by itself: reading them all costs
 * more than everything else together.
 */
final class ProcessMetrics extends MeterFamily {
  private static final Metric PROCESSES =
      Metric.gauge("system.process.count", "processes", "Processes");
  private static final Metric THREADS =
      Metric.gauge("system.thread.count", "threads", "Threads of all processes");

  private final Supplier<OperatingSystem> system;

  ProcessMetrics(Supplier<OperatingSystem> system) {
    super("process");
    this.system = system;
  }

  @Override
  protected void read(Reading reading) {
    reading.add(PROCESSES, positive(system.get().getProcessCount()));
    int threads = system.get().getThreadCount();
    // Linux has an unsigned short here, which OSHI takes for a signed one.
    reading.add(THREADS, positive(threads < 0 ? threads & 0xffff : threads));
  }

  private static double positive(int count) {
    return count > 0 ? count : Double.NaN;
  }
}
