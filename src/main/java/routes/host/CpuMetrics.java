package routes.host;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;

/**
 * Processors: how busy they are, and what with.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.cpu.utilization - share of the last collect.period in which the processors were
 *       neither idle nor waiting for a disk - 1
 *   <li>system.cpu.logical.utilization - the same of one logical processor - 1 - cpu.logical_number
 *   <li>system.cpu.time - time of all processors by what they did - s - cpu.mode (user, nice,
 *       system, idle, iowait, interrupt, steal)
 *   <li>system.cpu.load_average.1m, .5m, .15m - processes that run or want to - {thread}
 *   <li>system.cpu.frequency - clock rate, the logical processors' mean - Hz
 *   <li>system.cpu.logical.count, system.cpu.physical.count - processors - {cpu}
 * </ul>
 *
 * <p><i>Not registered:</i> a mode in which no time has gone by; utilization before there are two
 * readings; load averages on Windows, which has none; the frequency of a virtual machine that
 * doesn't say it. Utilization by processor has a name of its own, because Prometheus takes one set
 * of attributes a name.
 */
final class CpuMetrics extends MeterFamily {
  private static final Metric UTILIZATION =
      Metric.gauge(
          "system.cpu.utilization", "1", "Share of the last period that all processors were busy");
  private static final Metric LOGICAL_UTILIZATION =
      Metric.gauge(
          "system.cpu.logical.utilization",
          "1",
          "Share of the last period that a logical processor was busy",
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
      Metric.gauge("system.cpu.frequency", "Hz", "Clock rate, the logical processors' mean");
  private static final Metric LOGICAL =
      Metric.gauge("system.cpu.logical.count", "cpus", "Logical processors");
  private static final Metric PHYSICAL =
      Metric.gauge("system.cpu.physical.count", "cpus", "Physical processors, or cores");

  private final Supplier<CentralProcessor> processor;
  private final DoubleSupplier frequency;
  private final CpuWindow window;

  CpuMetrics(Supplier<CentralProcessor> processor, DoubleSupplier frequency, CpuWindow window) {
    super("cpu");
    this.processor = processor;
    this.frequency = frequency;
    this.window = window;
  }

  @Override
  protected void read(Reading reading) {
    CentralProcessor cpu = processor.get();
    long[] ticks = cpu.getSystemCpuLoadTicks();
    window.add(ticks, cpu.getProcessorCpuLoadTicks());
    reading.add(UTILIZATION, window.utilization());
    for (int i = 0; i < window.logicalCount(); i++) {
      reading.add(LOGICAL_UTILIZATION, window.logicalUtilization(i), Integer.toString(i));
    }
    MODES.forEach((mode, types) -> reading.add(TIME, seconds(ticks, types), mode));
    double[] load = cpu.getSystemLoadAverage(LOAD.length);
    for (int i = 0; i < LOAD.length; i++) {
      reading.add(LOAD[i], load[i] < 0 ? Double.NaN : load[i]);
    }
    reading.add(FREQUENCY, frequency.getAsDouble());
    reading.add(LOGICAL, cpu.getLogicalProcessorCount());
    reading.add(PHYSICAL, cpu.getPhysicalProcessorCount());
  }

  private static double seconds(long[] ticks, List<TickType> types) {
    long millis = types.stream().mapToLong(type -> ticks[type.getIndex()]).sum();
    return millis > 0 ? millis / 1000.0 : Double.NaN;
  }
}
