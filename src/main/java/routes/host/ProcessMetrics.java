package routes.host;

import java.util.function.Supplier;

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
 * <p><i>Not registered:</i> processes by state and single processes: reading them all costs more
 * than everything else together.
 */
final class ProcessMetrics extends MeterFamily {
  private static final Metric PROCESSES =
      Metric.gauge("system.process.count", "processes", "Processes");
  private static final Metric THREADS =
      Metric.gauge("system.thread.count", "threads", "Threads of all processes");

  private final Supplier<Count> count;

  ProcessMetrics(Supplier<Count> count) {
    super("process");
    this.count = count;
  }

  @Override
  protected void read(Reading reading) {
    Count now = count.get();
    reading.add(PROCESSES, positive(reading.number(now.processes())));
    reading.add(THREADS, positive(reading.number(now.threads())));
  }

  private static double positive(double count) {
    return count > 0 ? count : Double.NaN;
  }

  /** The numbers of processes and threads; 0 is unknown. */
  record Count(Source<Double> processes, Source<Double> threads) {}
}
