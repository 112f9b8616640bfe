package routes.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.software.os.OperatingSystem;
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
import routes.sample.Device;

/**
 * The machine this runs on. On Linux what changes is read from /proc and /sys, since OSHI takes
 * what it cannot read for 0; OSHI says what the machine is, and reads the other operating systems.
 * In a container it is the host all the same, as far as the host's root file system is mounted.
 */
final class Machine {
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  static {
    // Less than the time in which readers share a reading, so that two readings differ.
    GlobalConfig.set(GlobalConfig.OSHI_UTIL_MEMOIZER_EXPIRATION, 100);
    // The same way on every Linux, with libudev and without.
    GlobalConfig.set(GlobalConfig.OSHI_OS_LINUX_ALLOWUDEV, false);
  }

  private final SystemInfo system = new SystemInfo();
  private final Path root;
  private final Path proc;
  private final Path sys;

  /** This machine, seen from itself. */
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
      // OSHI reads these once, when it first touches a file
      GlobalConfig.set(GlobalConfig.OSHI_UTIL_PROC_PATH, proc.toString());
      GlobalConfig.set(GlobalConfig.OSHI_UTIL_SYS_PATH, sys.toString());
    }
  }

  /** Whether what /proc tells of the network and the name is a container's. */
  private boolean inContainer() {
    return root.getNameCount() > 0;
  }

  String hostName() {
    return Device.hostName(root);
  }

  OperatingSystem operatingSystem() {
    return system.getOperatingSystem();
  }

  /** What it is; what it does is {@link #processors}. */
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
    // that of the mounted /proc, which a recorded one may lack
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

  /** The first process is in the host's network, whatever network this one is in. */
  Supplier<List<Source<Interface>>> interfaces() {
    return LINUX
        ? Interfaces.linux(proc.resolve(inContainer() ? "1/net/dev" : "net/dev"))
        : Interfaces.elsewhere(
            Listing.eachMinute(() -> hardware().getNetworkIFs(true), System::nanoTime));
  }

  /** In a container without their addresses, which only the host's own network tells. */
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

  /** This process' own, also where the machine is another. */
  Container container() {
    return new Cgroup(Path.of("/proc/self"), Path.of("/sys/devices/system/cpu/online"));
  }

  HardwareAbstractionLayer hardware() {
    return system.getHardware();
  }
}
