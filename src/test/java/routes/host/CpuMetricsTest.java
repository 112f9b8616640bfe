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
          .with("getPhysicalProcessorCount", 1);
  private final AtomicLong nanos = new AtomicLong();
  private final CpuMetrics family =
      new CpuMetrics(
          Processors.elsewhere(cpu::reading),
          () -> 1.5e9,
          new CpuWindow(() -> Duration.ofSeconds(10), nanos::get));
  private long busy;
  private long idle;

  @Test
  void timesAreInSecondsByMode() {
    long[] ticks = new long[8];
    ticks[TickType.USER.getIndex()] = 1500;
    ticks[TickType.IDLE.getIndex()] = 8000;
    ticks[TickType.IRQ.getIndex()] = 100;
    ticks[TickType.SOFTIRQ.getIndex()] = 200;
    cpu.with("getSystemCpuLoadTicks", ticks).with("getProcessorCpuLoadTicks", new long[2][8]);

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
  void waitingForADiskIsNotBusyTime() {
    CpuWindow window = new CpuWindow(() -> Duration.ofSeconds(10), nanos::get);
    window.add(Map.of("all", new long[8]));
    long[] ticks = new long[8];
    ticks[TickType.USER.getIndex()] = 10;
    ticks[TickType.IOWAIT.getIndex()] = 90;
    window.add(Map.of("all", ticks));

    near(window.utilization("all"), 0.1);
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
  void theWindowMovesWithTheSamples() {
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
  void theWindowFollowsAChangedPeriod() {
    AtomicReference<Duration> period = new AtomicReference<>(Duration.ofSeconds(10));
    CpuWindow window = new CpuWindow(period::get, nanos::get);
    long[] ticks = new long[8];
    for (int second = 0; second <= 10; second++) {
      window.add(Map.of("all", ticks.clone()));
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      ticks[(second < 8 ? TickType.USER : TickType.IDLE).getIndex()] += 1000;
    }
    assertThat(window.utilization("all")).isBetween(0.7, 0.8);

    period.set(Duration.ofSeconds(2));
    window.add(Map.of("all", ticks.clone()));
    near(window.utilization("all"), 0);
  }

  @Test
  void omitsLoadAveragesAndFrequencyIfUnavailable() {
    pass(1, 1);
    cpu.with("getSystemLoadAverage", new double[] {-1, -1, -1});
    CpuMetrics windows =
        new CpuMetrics(
            Processors.elsewhere(cpu::reading),
            CpuFrequency.elsewhere(cpu.with("getCurrentFreq", new long[] {-1, -1})::reading),
            new CpuWindow(() -> Duration.ofSeconds(10), nanos::get));

    assertThat(Meters.of(windows).keySet())
        .noneMatch(name -> name.contains("load") || name.contains("frequency"));
  }

  @Test
  void frequencyIsTheMeanOfTheProcessors(@TempDir Path cpufreq) throws IOException {
    policy(cpufreq, "policy0", "0 1 2 3", "1200000");
    policy(cpufreq, "policy4", "4 5", "1800000");
    policy(cpufreq, "policy6", "", "900000");
    policy(cpufreq, "policy7", "7", "<unknown>");
    policy(cpufreq, "policy8", "8", "4294967295");

    assertThat(CpuFrequency.linux(cpufreq).getAsDouble()).isEqualTo(1.4e9);
    assertThat(CpuFrequency.linux(cpufreq.resolve("absent")).getAsDouble()).isNaN();
  }

  @Test
  void countsAProcessorGroupThatAppearsLater(@TempDir Path cpufreq) throws IOException {
    policy(cpufreq, "policy0", "0", "1000000");
    var frequency = CpuFrequency.linux(cpufreq);
    assertThat(frequency.getAsDouble()).isEqualTo(1e9);
    policy(cpufreq, "policy1", "1", "2000000");

    assertThat(frequency.getAsDouble()).isEqualTo(1.5e9);
  }

  @Test
  void processorsKeepTheirNumbersIfSomeAreOffline() throws IOException {
    assertThat(Processors.parse(recorded("gap")))
        .extracting(Source::name)
        .containsExactly("all", "0", "2", "7");
    assertThat(Meters.of(linux("gap", Path.of("absent"))))
        .containsEntry("system.cpu.logical.count", 3.0)
        .containsEntry("system.cpu.time user", 30.0)
        .containsEntry("system.cpu.time iowait", 0.4)
        .doesNotContainKey("system.cpu.physical.count");
  }

  @Test
  void removesTheMeterOfAProcessorThatGoesOffline() {
    Meters meters = new Meters(family);
    pass(1, 1);
    meters.values();
    pass(1, 1);
    assertThat(meters.later().values()).containsKey("system.cpu.logical.utilization 1");
    pass(1, 1);
    cpu.with("getProcessorCpuLoadTicks", new long[][] {ticks(busy, idle)});

    assertThat(meters.later().values())
        .containsKey("system.cpu.logical.utilization 0")
        .doesNotContainKey("system.cpu.logical.utilization 1")
        .containsEntry("system.cpu.logical.count", 1.0);
  }

  @Test
  void measuresMoreThan64Processors() throws IOException {
    assertThat(Meters.of(linux("many", Path.of("absent"))))
        .containsEntry("system.cpu.logical.count", 128.0);
  }

  @Test
  void aGarbledLineLosesOnlyItsProcessor() throws IOException {
    Meters meters = new Meters(linux("garbage", Path.of("absent")));

    assertThat(meters.allValues())
        .containsEntry("system.cpu.time user", 30.0)
        .containsEntry("system.cpu.logical.count", 1.0)
        .containsEntry("system.cpu.load_average.1m", 0.5)
        .containsEntry("collector.success cpu", 0.0);
  }

  @Test
  void countsGroupsOfSiblingsAsCores(@TempDir Path sys) throws IOException {
    for (String processor : new String[] {"0=0,2", "2=0,2", "7=7"}) {
      String[] pair = processor.split("=");
      Path topology = Files.createDirectories(sys.resolve("cpu" + pair[0] + "/topology"));
      Files.writeString(topology.resolve("thread_siblings_list"), pair[1] + "\n");
    }

    assertThat(Meters.of(linux("gap", sys))).containsEntry("system.cpu.physical.count", 2.0);
  }

  @Test
  void omitsUtilizationOverANegativeInterval() {
    CpuWindow window = new CpuWindow(() -> Duration.ofSeconds(10), nanos::get);
    window.add(Map.of("all", ticks(100_000, 500_000)));
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    window.add(Map.of("all", ticks(99_990, 510_000)));
    assertThat(window.utilization("all")).isNaN();

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    window.add(Map.of("all", ticks(0, 10)));
    assertThat(window.utilization("all")).isNaN();

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    window.add(Map.of("all", ticks(2500, 7510)));
    near(window.utilization("all"), 0.25);
  }

  @Test
  void toleratesWaitTimeThatDecreasesSlightly() {
    CpuWindow window = new CpuWindow(() -> Duration.ofSeconds(10), nanos::get);
    long[] from = ticks(1000, 1000);
    from[TickType.IOWAIT.getIndex()] = 500;
    window.add(Map.of("all", from));
    long[] to = ticks(2000, 4000);
    to[TickType.IOWAIT.getIndex()] = 400;
    window.add(Map.of("all", to));

    near(window.utilization("all"), 0.25);
  }

  @Test
  void timesDecreaseOnlyOnReset() {
    Meters meters = new Meters(family);
    cpu.with("getProcessorCpuLoadTicks", new long[0][8]);
    cpu.with("getSystemCpuLoadTicks", ticks(9000, 50_000));
    meters.values();
    cpu.with("getSystemCpuLoadTicks", ticks(8990, 49_000));
    assertThat(meters.later().values())
        .containsEntry("system.cpu.time user", 9.0)
        .containsEntry("system.cpu.time idle", 50.0);
    cpu.with("getSystemCpuLoadTicks", ticks(100, 200));

    assertThat(meters.later().values())
        .containsEntry("system.cpu.time user", 0.1)
        .containsEntry("system.cpu.time idle", 0.2);
  }

  @Test
  void thisMachineHasProcessors() throws Exception {
    Machine machine = new Machine();
    CpuWindow window = new CpuWindow(() -> Duration.ofMillis(50), System::nanoTime);
    Meters meters = new Meters(new CpuMetrics(machine.processors(), machine.frequency(), window));
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

  private static CpuMetrics linux(String stat, Path sys) throws IOException {
    Source<double[]> load = Source.of("load", new double[] {0.5, 0.25, 0.125});
    var ticks = Processors.parse(recorded(stat));
    return new CpuMetrics(
        () ->
            new Processors(ticks, load, new Source<>("cores", () -> Processors.cores(ticks, sys))),
        () -> Double.NaN,
        new CpuWindow(() -> Duration.ofSeconds(10), System::nanoTime));
  }

  private static String recorded(String stat) throws IOException {
    return KernelFile.text(Path.of("src/test/resources/oddities/stat", stat));
  }

  private static void policy(Path cpufreq, String name, String processors, String kilohertz)
      throws IOException {
    Path policy = Files.createDirectory(cpufreq.resolve(name));
    Files.writeString(policy.resolve("affected_cpus"), processors + "\n");
    Files.writeString(policy.resolve("scaling_cur_freq"), kilohertz + "\n");
  }

  private static long[] ticks(long busy, long idle) {
    long[] ticks = new long[8];
    ticks[TickType.USER.getIndex()] = busy;
    ticks[TickType.IDLE.getIndex()] = idle;
    return ticks;
  }

  private static void near(double is, double expected) {
    assertThat(is).isEqualTo(expected, within(1e-9));
  }
}
