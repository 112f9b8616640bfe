package routes.host;

import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;
import oshi.hardware.GlobalMemory;
import oshi.hardware.PowerSource;
import oshi.hardware.Sensors;
import oshi.hardware.VirtualMemory;
import oshi.software.os.OperatingSystem;
import routes.host.DiskMetrics.Disk;
import routes.host.NetworkMetrics.Interface;
import routes.host.NetworkMetrics.Traffic;
import routes.sample.NamePatterns;

/** A recorded machine that has everything: every family, and every metric of each. */
final class Everything {
  private static final NamePatterns ALL = new NamePatterns(List.of(), List.of());
  private static final double GIB = 1L << 30;

  private final AtomicLong seconds = new AtomicLong();
  private final Recorded<CentralProcessor> cpu =
      Recorded.a(CentralProcessor.class)
          .with("getSystemLoadAverage", new double[] {0.52, 0.58, 0.59})
          .with("getLogicalProcessorCount", 2)
          .with("getPhysicalProcessorCount", 1);

  /** A reading of it, 10 seconds later each time. */
  Meters meters() {
    return new Meters(families());
  }

  private MeterFamily[] families() {
    return new MeterFamily[] {
      new CpuMetrics(
          () -> tenSecondsLater(),
          () -> 1.5e9,
          new CpuWindow(
              () -> Duration.ofSeconds(10), () -> Duration.ofSeconds(seconds.get()).toNanos())),
      new MemoryMetrics(
          Recorded.a(GlobalMemory.class).with("getTotal", 4L << 30).with("getAvailable", 3L << 30)
              ::reading),
      new PagingMetrics(
          Recorded.a(VirtualMemory.class)
                  .with("getSwapTotal", 1L << 30)
                  .with("getSwapUsed", 1L << 20)
                  .with("getSwapPagesIn", 12L)
                  .with("getSwapPagesOut", 34L)
              ::reading),
      new FilesystemMetrics(() -> List.of(mount("/"), mount("/var/lib"))),
      new DiskMetrics(
          () ->
              List.of(
                  new Disk("mmcblk0", 81725, 2549351424L, 46.182, 4949, 395751424L, 2.7, 6.368),
                  new Disk("nvme0n1", 1200, 49152000L, 0.9, 800, 32768000L, 1.25, 1.1)),
          ALL),
      new NetworkMetrics(
          () ->
              List.of(
                  new Interface(
                      "eth0",
                      new Traffic(161262294L, 157960, 0, 12),
                      new Traffic(728225L, 5136, 0, 0)),
                  new Interface(
                      "eth0.100",
                      new Traffic(9007199254740991L, 4096, 1, 0),
                      new Traffic(1024, 16, 0, 0))),
          ALL),
      new ProcessMetrics(system()::reading),
      new UptimeMetrics(system()::reading),
      new SensorMetrics(
          Recorded.a(Sensors.class)
                  .with("getCpuTemperature", 48.5)
                  .with("getCpuVoltage", 1.2)
                  .with("getFanSpeeds", new int[] {900})
              ::reading,
          new File("absent").toPath()),
      new BatteryMetrics(
          () ->
              List.of(
                  Recorded.a(PowerSource.class)
                      .with("getName", "BAT0")
                      .with("getRemainingCapacityPercent", 0.83)
                      .with("getTimeRemainingEstimated", 5400.0)
                      .reading())),
      new ContainerMetrics(() -> new Cgroup.Use(1.5, 12.345678, GIB, GIB / 4))
    };
  }

  private static Recorded<OperatingSystem> system() {
    return Recorded.a(OperatingSystem.class)
        .with("getProcessCount", 120)
        .with("getThreadCount", 719)
        .with("getSystemUptime", 86400L);
  }

  /** Of each ten seconds the first processor spends 1.312 busy and the second one none. */
  private CentralProcessor tenSecondsLater() {
    long rounds = seconds.addAndGet(10) / 10;
    long[][] logical = new long[2][8];
    logical[0][TickType.USER.getIndex()] = 1312 * rounds;
    logical[0][TickType.IDLE.getIndex()] = 8688 * rounds;
    logical[1][TickType.IDLE.getIndex()] = 10000 * rounds;
    long[] all = {1312 * rounds, 10, 20, 18688 * rounds, 30, 40, 50, 60};
    return cpu.with("getSystemCpuLoadTicks", all)
        .with("getProcessorCpuLoadTicks", logical)
        .reading();
  }

  @SuppressWarnings("serial")
  private static Mounts.Mount mount(String path) {
    return new Mounts.Mount(path, new Directory(path));
  }

  @SuppressWarnings("serial")
  private static final class Directory extends File {
    Directory(String path) {
      super(path);
    }

    @Override
    public long getTotalSpace() {
      return 1000;
    }

    @Override
    public long getFreeSpace() {
      return 400;
    }

    @Override
    public long getUsableSpace() {
      return 300;
    }
  }
}
