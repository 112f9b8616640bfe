package routes.host;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;
import routes.host.BatteryMetrics.Battery;
import routes.host.ContainerMetrics.Container;
import routes.host.DiskMetrics.Disk;
import routes.host.FilesystemMetrics.Space;
import routes.host.MemoryMetrics.Memory;
import routes.host.NetworkMetrics.Interface;
import routes.host.NetworkMetrics.Traffic;
import routes.host.PagingMetrics.Swap;
import routes.host.ProcessMetrics.Count;
import routes.host.SensorMetrics.Kind;
import routes.host.SensorMetrics.Sensor;
import routes.sample.NamePatterns;

/** A recorded machine with every family and every metric. */
final class Everything {
  private static final NamePatterns ALL = new NamePatterns(List.of(), List.of());
  private static final double GIB = 1L << 30;

  private final AtomicLong seconds = new AtomicLong();
  private final Recorded<CentralProcessor> cpu =
      Recorded.a(CentralProcessor.class)
          .with("getSystemLoadAverage", new double[] {0.52, 0.58, 0.59})
          .with("getLogicalProcessorCount", 2)
          .with("getPhysicalProcessorCount", 1);

  /** Returns a reading, each one 10 seconds later. */
  Meters meters() {
    return new Meters(families());
  }

  MeterFamily[] families() {
    return new MeterFamily[] {
      new CpuMetrics(
          Processors.elsewhere(this::tenSecondsLater),
          () -> 1.5e9,
          new CpuWindow(
              () -> Duration.ofSeconds(10), () -> Duration.ofSeconds(seconds.get()).toNanos())),
      new MemoryMetrics(() -> new Memory(Source.of("total", 4 * GIB), Source.of("free", 3 * GIB))),
      new PagingMetrics(
          () ->
              new Swap(
                  Source.of("total", GIB),
                  Source.of("used", GIB / 1024),
                  Source.of("in", 12.0),
                  Source.of("out", 34.0))),
      new FilesystemMetrics(() -> List.of(space("/"), space("/var/lib"))),
      new DiskMetrics(
          () ->
              List.of(
                  disk(
                      new Disk(
                          "mmcblk0", 81725, 2549351424L, 46.182, 4949, 395751424L, 2.7, 6.368)),
                  disk(new Disk("nvme0n1", 1200, 49152000L, 0.9, 800, 32768000L, 1.25, 1.1))),
          ALL),
      new NetworkMetrics(
          () ->
              List.of(
                  link(
                      new Interface(
                          "eth0",
                          new Traffic(161262294L, 157960, 0, 12),
                          new Traffic(728225L, 5136, 0, 0))),
                  link(
                      new Interface(
                          "eth0.100",
                          new Traffic(9007199254740991L, 4096, 1, 0),
                          new Traffic(1024, 16, 0, 0)))),
          ALL),
      new ProcessMetrics(
          () -> new Count(Source.of("processes", 120.0), Source.of("threads", 719.0))),
      new UptimeMetrics(() -> 86400),
      new SensorMetrics(
          () ->
              List.of(
                  sensor(new Sensor(Kind.TEMPERATURE, "cpu", 48.5)),
                  sensor(new Sensor(Kind.VOLTAGE, "cpu", 1.2)),
                  sensor(new Sensor(Kind.FAN_SPEED, "nct6775.656-fan1", 900)))),
      new BatteryMetrics(() -> List.of(Source.of("BAT0", new Battery("BAT0", 0.83, 5400)))),
      new ContainerMetrics(container())
    };
  }

  private static Source<Disk> disk(Disk disk) {
    return Source.of(disk.name(), disk);
  }

  private static Source<Interface> link(Interface link) {
    return Source.of(link.name(), link);
  }

  private static Source<Sensor> sensor(Sensor sensor) {
    return Source.of(sensor.kind() + sensor.id(), sensor);
  }

  private static Source<Space> space(String path) {
    return Source.of(path, new Space(path, 1000, 400, 300));
  }

  private static Container container() {
    return new Container() {
      @Override
      public double cpuLimit() {
        return 1.5;
      }

      @Override
      public double cpuSeconds() {
        return 12.345678;
      }

      @Override
      public double memoryLimit() {
        return GIB;
      }

      @Override
      public double memoryUsage() {
        return GIB / 4;
      }
    };
  }

  /** In every ten seconds, the first processor is busy for 1.312 s and the second one never. */
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
}
