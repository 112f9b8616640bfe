package routes.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;

class CpuMetricsTest {
  private final Recorded<CentralProcessor> cpu =
      Recorded.a(CentralProcessor.class)
          .with("getSystemLoadAverage", new double[] {0.5, 0.25, 0.125})
          .with("getLogicalProcessorCount", 2)
          .with("getPhysicalProcessorCount", 1);
  private final AtomicLong nanos = new AtomicLong();
  private final CpuMetrics family =
      new CpuMetrics(
          cpu::reading, () -> 1.5e9, new CpuWindow(() -> Duration.ofSeconds(10), nanos::get));
  private long busy;
  private long idle;

  @Test
  void timesAreInSecondsByMode() {
    long[] ticks = new long[8];
    ticks[TickType.USER.getIndex()] = 1500;
    ticks[TickType.IDLE.getIndex()] = 8000;
    ticks[TickType.IRQ.getIndex()] = 100;
    ticks[TickType.SOFTIRQ.getIndex()] = 200;
    cpu.with("getSystemCpuLoadTicks", ticks).with("getProcessorCpuLoadTicks", new long[0][8]);

    assertThat(Meters.of(family))
        .contains(
            entry("system.cpu.time user", 1.5),
            entry("system.cpu.time idle", 8.0),
            entry("system.cpu.load_average.1m", 0.5),
            entry("system.cpu.load_average.15m", 0.125),
            entry("system.cpu.frequency", 1.5e9),
            entry("system.cpu.logical.count", 2.0),
            entry("system.cpu.physical.count", 1.0))
        .hasEntrySatisfying("system.cpu.time interrupt", is -> near(is, 0.3))
        .doesNotContainKeys("system.cpu.time steal", "system.cpu.time nice");
  }

  @Test
  void utilizationNeedsTwoReadings() {
    pass(5, 5);

    assertThat(Meters.of(family))
        .doesNotContainKeys("system.cpu.utilization", "system.cpu.logical.utilization 0");
  }

  @Test
  void utilizationIsTheShareOfTimeThatWasNotIdle() {
    Meters meters = new Meters(family);
    pass(5, 5);
    meters.values();
    pass(2, 8);

    assertThat(meters.later().values())
        .hasEntrySatisfying("system.cpu.utilization", is -> near(is, 0.2))
        .hasEntrySatisfying("system.cpu.logical.utilization 0", is -> near(is, 0.2))
        .hasEntrySatisfying("system.cpu.logical.utilization 1", is -> near(is, 0));
  }

  @Test
  void waitingForADiskIsNotBeingBusy() {
    CpuWindow window = new CpuWindow(() -> Duration.ofSeconds(10), nanos::get);
    window.add(new long[8], new long[0][]);
    long[] ticks = new long[8];
    ticks[TickType.USER.getIndex()] = 10;
    ticks[TickType.IOWAIT.getIndex()] = 90;
    window.add(ticks, new long[0][]);

    near(window.utilization(), 0.1);
  }

  @Test
  void aScrapeBetweenTwoSamplesDoesNotShortenTheWindow() {
    Meters meters = new Meters(family);
    pass(0, 10);
    meters.values();
    pass(9, 0);
    meters.later(Duration.ofSeconds(9)).values();
    pass(0, 1);

    assertThat(meters.later(Duration.ofSeconds(1)).values())
        .hasEntrySatisfying("system.cpu.utilization", is -> near(is, 0.9));
  }

  @Test
  void theWindowMovesOnWithTheSamples() {
    Meters meters = new Meters(family);
    pass(0, 10);
    meters.values();
    pass(10, 0);
    meters.later().values();
    pass(0, 10);

    assertThat(meters.later().values())
        .hasEntrySatisfying("system.cpu.utilization", is -> near(is, 0));
  }

  @Test
  void manyScrapesKeepTheWindow() {
    Meters meters = new Meters(family);
    for (int i = 0; i < 100; i++) {
      pass(0, 1);
      meters.later(Duration.ofSeconds(1)).values();
    }
    for (int i = 0; i < 10; i++) {
      pass(1, 0);
      meters.later(Duration.ofSeconds(1)).values();
    }

    assertThat(meters.values())
        .hasEntrySatisfying("system.cpu.utilization", is -> assertThat(is).isGreaterThan(0.85));
  }

  @Test
  void theWindowFollowsAPeriodThatChanges() {
    AtomicReference<Duration> period = new AtomicReference<>(Duration.ofSeconds(10));
    CpuWindow window = new CpuWindow(period::get, nanos::get);
    long[] ticks = new long[8];
    for (int second = 0; second <= 10; second++) {
      window.add(ticks.clone(), new long[0][]);
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      ticks[(second < 8 ? TickType.USER : TickType.IDLE).getIndex()] += 1000;
    }
    assertThat(window.utilization()).isBetween(0.7, 0.8);

    period.set(Duration.ofSeconds(2));
    window.add(ticks.clone(), new long[0][]);
    near(window.utilization(), 0);
  }

  @Test
  void aMachineWithoutLoadAveragesAndFrequencyHasNoneOfThem() {
    pass(1, 1);
    cpu.with("getSystemLoadAverage", new double[] {-1, -1, -1});
    CpuMetrics windows =
        new CpuMetrics(
            cpu::reading,
            CpuFrequency.elsewhere(cpu.with("getCurrentFreq", new long[] {-1, -1})::reading),
            new CpuWindow(() -> Duration.ofSeconds(10), nanos::get));

    assertThat(Meters.of(windows).keySet())
        .noneMatch(name -> name.contains("load") || name.contains("frequency"));
  }

  @Test
  void theFrequencyIsTheMeanOfAllProcessorGroups(@TempDir Path cpufreq) throws IOException {
    for (String group : new String[] {"0 1200000", "4 1800000", "7 <unknown>"}) {
      Path policy = Files.createDirectory(cpufreq.resolve("policy" + group.charAt(0)));
      Files.writeString(policy.resolve("scaling_cur_freq"), group.substring(2) + "\n");
    }

    assertThat(CpuFrequency.linux(cpufreq).getAsDouble()).isEqualTo(1.5e9);
    assertThat(CpuFrequency.linux(cpufreq.resolve("absent")).getAsDouble()).isNaN();
  }

  @Test
  void thisMachineHasProcessors() throws Exception {
    Machine machine = new Machine();
    CpuWindow window = new CpuWindow(() -> Duration.ofMillis(50), System::nanoTime);
    Meters meters = new Meters(new CpuMetrics(machine::processor, machine.frequency(), window));
    meters.values();
    Thread.sleep(150); // a tick of the kernel's clock, and OSHI's memory
    Map<String, Double> values = meters.later().values();

    assertThat(values.get("system.cpu.utilization")).isBetween(0.0, 1.0);
    assertThat(values.get("system.cpu.logical.utilization 0")).isBetween(0.0, 1.0);
    assertThat(values.get("system.cpu.logical.count")).isPositive();
    assertThat(values.get("system.cpu.time user")).isPositive();
  }

  /** Lets the first of two processors spend seconds busy and idle, and the second one idle. */
  private void pass(int secondsBusy, int secondsIdle) {
    nanos.addAndGet(Duration.ofSeconds(secondsBusy + secondsIdle).toNanos());
    busy += secondsBusy * 1000L;
    idle += secondsIdle * 1000L;
    long[] ticks = new long[8];
    ticks[TickType.USER.getIndex()] = busy;
    ticks[TickType.IDLE.getIndex()] = idle;
    long[] bored = new long[8];
    bored[TickType.IDLE.getIndex()] = busy + idle;
    cpu.with("getSystemCpuLoadTicks", ticks)
        .with("getProcessorCpuLoadTicks", new long[][] {ticks.clone(), bored});
  }

  private static void near(double is, double expected) {
    assertThat(is).isEqualTo(expected, within(1e-9));
  }
}
