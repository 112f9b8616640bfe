package routes.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import oshi.hardware.CentralProcessor;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.nativefree.SystemInfo;
import oshi.software.os.OperatingSystem;
import oshi.spi.SystemInfoProvider;
import oshi.util.GlobalConfig;
import routes.host.BatteryMetrics.Battery;
import routes.host.ContainerMetrics.Container;
import routes.host.DiskMetrics.Disk;
import routes.host.Disks.Model;
import routes.host.FilesystemMetrics.Space;
import routes.host.Interfaces.Link;
import routes.host.MemoryMetrics.Memory;
import routes.host.NetworkMetrics.Interface;
import routes.host.PagingMetrics.Swap;
import routes.host.ProcessMetrics.Count;
import routes.host.SensorMetrics.Sensor;
import routes.settings.HostName;

/**
 * The machine this runs on. On Linux, values that change are read from /proc and /sys, since OSHI
 * returns 0 for what it cannot read. OSHI describes the machine and reads the other operating
 * systems, for which it needs native code (JNA). In a container, the machine is still the host, as
 * far as the host's root file system is mounted.
 */
final class Machine {
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  static {
    // OSHI's cache must expire before readings do; otherwise two readings would be equal.
    GlobalConfig.set(GlobalConfig.OSHI_UTIL_MEMOIZER_EXPIRATION, 100);
    // Read in the same way on every Linux, with and without libudev.
    GlobalConfig.set(GlobalConfig.OSHI_OS_LINUX_ALLOWUDEV, false);
  }

  private final SystemInfoProvider system = LINUX ? new SystemInfo() : withNativeCode();
  private final Path root;
  private final Path proc;
  private final Path sys;

  /** The machine whose root file system is /. */
  Machine() {
    this(Path.of("/"));
  }

  /**
   * @param root where the machine's root file system is
   */
  Machine(Path root) {
    this.root = root;
    proc = root.resolve("proc");
    sys = root.resolve("sys");
    if (inContainer()) {
      // OSHI reads these once, when it first accesses a file
      GlobalConfig.set(GlobalConfig.OSHI_UTIL_PROC_PATH, proc.toString());
      GlobalConfig.set(GlobalConfig.OSHI_UTIL_SYS_PATH, sys.toString());
    }
  }

  /** By name, because only builds for other systems than Linux contain oshi-core and JNA. */
  private static SystemInfoProvider withNativeCode() {
    try {
      return (SystemInfoProvider)
          Class.forName("oshi.SystemInfo").getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this package reads only Linux; build it with mvn -Pother-systems package", e);
    }
  }

  /** Whether /proc reports a container's network and host name. */
  private boolean inContainer() {
    return root.getNameCount() > 0;
  }

  String hostName() {
    return HostName.of(root);
  }

  OperatingSystem operatingSystem() {
    return system.getOperatingSystem();
  }

  /** Describes the processor; {@link #processors} measures it. */
  CentralProcessor processor() {
    return hardware().getProcessor();
  }

  Supplier<Processors> processors() {
    return LINUX
        ? Processors.linux(proc, sys.resolve("devices/system/cpu"))
        : Processors.elsewhere(this::processor);
  }

  DoubleSupplier frequency() {
    return LINUX
        ? CpuFrequency.linux(sys.resolve("devices/system/cpu/cpufreq"))
        : CpuFrequency.elsewhere(this::processor);
  }

  Supplier<Memory> memory() {
    return LINUX
        ? MemInfo.memory(proc.resolve("meminfo"))
        : MemInfo.memoryElsewhere(() -> hardware().getMemory());
  }

  Supplier<Swap> swap() {
    return LINUX
        ? MemInfo.swap(proc.resolve("meminfo"), proc.resolve("vmstat"))
        : MemInfo.swapElsewhere(() -> hardware().getMemory());
  }

  Supplier<Count> processes() {
    return LINUX
        ? Kernel.count(proc)
        : () ->
            new Count(
                new Source<>("processes", () -> (double) operatingSystem().getProcessCount()),
                new Source<>("threads", () -> (double) operatingSystem().getThreadCount()));
  }

  DoubleSupplier uptime() {
    return LINUX ? Kernel.uptime(proc) : () -> operatingSystem().getSystemUptime();
  }

  Supplier<List<Source<Space>>> mounts(Predicate<String> chosen) {
    if (!LINUX) {
      return Listing.eachMinute(
          Mounts.elsewhere(() -> operatingSystem().getFileSystem().getFileStores(true), chosen),
          System::nanoTime);
    }
    // the table of the mounted /proc, which a recorded /proc may lack
    Path table = proc.resolve("self/mountinfo");
    return Mounts.linux(
        Files.exists(table) ? table : Path.of("/proc/self/mountinfo"), root, chosen);
  }

  Supplier<List<Source<Disk>>> disks() {
    return LINUX
        ? Disks.linux(proc.resolve("diskstats"), sys.resolve("block"))
        : Disks.elsewhere(Listing.eachMinute(() -> hardware().getDiskStores(), System::nanoTime));
  }

  List<Model> diskModels() {
    Path block = sys.resolve("block");
    if (LINUX) {
      return Files.isDirectory(block) ? Disks.models(block) : List.of();
    }
    return hardware().getDiskStores().stream()
        .map(disk -> new Model(disk.getName(), disk.getModel(), disk.getSize()))
        .collect(Collectors.toList());
  }

  /** Process 1 is in the host's network, whatever network this process is in. */
  Supplier<List<Source<Interface>>> interfaces() {
    return LINUX
        ? Interfaces.linux(proc.resolve(inContainer() ? "1/net/dev" : "net/dev"))
        : Interfaces.elsewhere(
            Listing.eachMinute(() -> hardware().getNetworkIFs(true), System::nanoTime));
  }

  /**
   * The interfaces. In a container they lack addresses, which only the host's own network reports.
   */
  List<Link> links() {
    return LINUX
        ? Interfaces.links(
            sys.resolve("class/net"), inContainer() ? index -> List.of() : Interfaces::addresses)
        : hardware().getNetworkIFs(true).stream()
            .map(Interfaces::link)
            .collect(Collectors.toList());
  }

  /** The distribution's name and version. */
  Release release() {
    Path file = root.resolve("etc/os-release");
    return inContainer() && Files.isReadable(file)
        ? Release.read(file)
        : Release.of(operatingSystem());
  }

  Supplier<List<Source<Sensor>>> sensors() {
    return LINUX
        ? Hwmon.linux(sys.resolve("class/hwmon"), sys.resolve("class/thermal"))
        : Hwmon.elsewhere(() -> hardware().getSensors());
  }

  Supplier<List<Source<Battery>>> batteries() {
    return LINUX
        ? Batteries.linux(sys.resolve("class/power_supply"))
        : Batteries.elsewhere(() -> hardware().getPowerSources());
  }

  /** The container of this process, even if the machine is another one. */
  Container container() {
    return new Cgroup(Path.of("/proc/self"), Path.of("/sys/devices/system/cpu/online"));
  }

  HardwareAbstractionLayer hardware() {
    return system.getHardware();
  }
}
