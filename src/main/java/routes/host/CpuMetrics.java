package routes.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import oshi.hardware.CentralProcessor.TickType;

/**
 * Utilization, time by mode, load and frequency of the processors.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.cpu.utilization - share of the last collect.period in which the processors were
 *       neither idle nor waiting for a disk - 1
 *   <li>system.cpu.logical.utilization - the same for one logical processor - 1 -
 *       cpu.logical_number
 *   <li>system.cpu.time - time of all processors by mode - s - cpu.mode (user, nice, system, idle,
 *       iowait, interrupt, steal)
 *   <li>system.cpu.load_average.1m, .5m, .15m - threads that are running or ready to run - {thread}
 *   <li>system.cpu.frequency - mean clock rate of the logical processors - Hz
 *   <li>system.cpu.logical.count, system.cpu.physical.count - processors - {cpu}
 * </ul>
 *
 * <p><i>Not registered:</i> a mode in which no time has passed; utilization before the second
 * reading, or if time ran backwards since the first; a processor that is offline; load averages on
 * Windows, which has none; the frequency of a virtual machine that does not report it. Utilization
 * per processor has its own name, because Prometheus accepts one set of attributes per name.
 */
final class CpuMetrics extends MeterFamily {
  private static final Metric UTILIZATION =
      Metric.gauge(
          "system.cpu.utilization", "1", "Busy share of all processors in the last collect.period");
  private static final Metric LOGICAL_UTILIZATION =
      Metric.gauge(
          "system.cpu.logical.utilization",
          "1",
          "Busy share of a logical processor in the last collect.period",
          "cpu.logical_number");
  private static final Metric TIME =
      Metric.counter("system.cpu.time", "s", "Time of all processors by mode", "cpu.mode");
  private static final Map<String, List<TickType>> MODES =
      Map.of(
          "user", List.of(TickType.USER),
          "nice", List.of(TickType.NICE),
          "system", List.of(TickType.SYSTEM),
          "idle", List.of(TickType.IDLE),
          "iowait", List.of(TickType.IOWAIT),
          "interrupt", List.of(TickType.IRQ, TickType.SOFTIRQ),
          "steal", List.of(TickType.STEAL));
  private static final Metric[] LOAD = {
    Metric.gauge("system.cpu.load_average.1m", "{thread}", "Load average of the last minute"),
    Metric.gauge("system.cpu.load_average.5m", "{thread}", "Load average of the last 5 minutes"),
    Metric.gauge("system.cpu.load_average.15m", "{thread}", "Load average of the last 15 minutes")
  };
  private static final Metric FREQUENCY =
      Metric.gauge("system.cpu.frequency", "Hz", "Mean clock rate of the logical processors");
  private static final Metric LOGICAL =
      Metric.gauge("system.cpu.logical.count", "cpus", "Logical processors");
  private static final Metric PHYSICAL =
      Metric.gauge("system.cpu.physical.count", "cpus", "Physical processors (cores)");

  private final Supplier<Processors> processors;
  private final DoubleSupplier frequency;
  private final CpuWindow window;
  private long[] newest = new long[TickType.values().length];

  CpuMetrics(Supplier<Processors> processors, DoubleSupplier frequency, CpuWindow window) {
    super("cpu");
    this.processors = processors;
    this.frequency = frequency;
    this.window = window;
  }

  @Override
  protected void read(Reading reading) {
    Processors cpu = processors.get();
    Map<String, long[]> ticks = new LinkedHashMap<>();
    for (Source<long[]> source : cpu.ticks()) {
      reading.record(source.name(), () -> ticks.put(source.name(), source.value().call()));
    }
    window.add(ticks);
    reading.add(UTILIZATION, window.utilization(Processors.ALL));
    if (ticks.containsKey(Processors.ALL)) {
      long[] forward = forward(ticks.remove(Processors.ALL));
      MODES.forEach((mode, types) -> reading.add(TIME, seconds(forward, types), mode));
    }
    ticks
        .keySet()
        .forEach(name -> reading.add(LOGICAL_UTILIZATION, window.utilization(name), name));
    reading.add(LOGICAL, known(ticks.size()));
    reading.record("load", () -> addLoad(reading, cpu.load().value().call()));
    reading.record(
        "frequency",
        () -> reading.add(FREQUENCY, Bounds.CPU_FREQUENCY.check(frequency.getAsDouble())));
    reading.record("cores", () -> reading.add(PHYSICAL, known(cpu.cores().value().call())));
  }

  private static void addLoad(Reading reading, double[] load) {
    for (int i = 0; i < LOAD.length; i++) {
      reading.add(LOAD[i], load[i] < 0 ? Double.NaN : load[i]);
    }
  }

  /**
   * Returns the ticks for the counters. Linux lets some modes run backwards a little, but counters
   * must not.
   */
  private long[] forward(long[] ticks) {
    long[] forward = ticks.clone();
    for (int i = 0; i < forward.length; i++) {
      if (CpuWindow.isJitter(newest[i], ticks[i])) {
        forward[i] = newest[i];
      }
    }
    newest = forward;
    return forward;
  }

  private static double known(int count) {
    return count > 0 ? count : Double.NaN;
  }

  private static double seconds(long[] ticks, List<TickType> types) {
    long millis = types.stream().mapToLong(type -> ticks[type.getIndex()]).sum();
    return millis > 0 ? millis / 1000.0 : Double.NaN;
  }
}
