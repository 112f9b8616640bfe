package routes.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.PowerSource;
import oshi.hardware.Sensors;
import oshi.hardware.VirtualMemory;
import oshi.software.os.OperatingSystem;
import oshi.util.GlobalConfig;
import routes.host.DiskMetrics.Disk;
import routes.host.Disks.Model;
import routes.host.Interfaces.Link;
import routes.host.Mounts.Mount;
import routes.host.NetworkMetrics.Interface;
import routes.sample.Device;

/**
 * The machine this runs on. OSHI reads it, and is first touched at the first reading; on Linux some
 * things are read past OSHI, where that is cheaper or also works in a slim container. In a
 * container it is the host all the same, as far as the host's root file system is mounted.
 */
final class Machine {
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
  private static final String PATH_EXCLUDES = "oshi.os.linux.filesystem.path.excludes";

  static {
    // Less than the time in which readers share a reading, so that two readings differ.
    GlobalConfig.set(GlobalConfig.OSHI_UTIL_MEMOIZER_EXPIRATION, 100);
    // The same way on every Linux, with libudev and without.
    GlobalConfig.set(GlobalConfig.OSHI_OS_LINUX_ALLOWUDEV, false);
    // File systems that can hang as much as those OSHI knows.
    GlobalConfig.set(
        GlobalConfig.OSHI_NETWORK_FILESYSTEM_TYPES,
        GlobalConfig.get(GlobalConfig.OSHI_NETWORK_FILESYSTEM_TYPES)
            + ",ceph,fuse.davfs,fuse.glusterfs,fuse.rclone,fuse.s3fs,fuse.sshfs,lustre,smb3");
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
      GlobalConfig.set(
          PATH_EXCLUDES,
          Stream.of(GlobalConfig.get(PATH_EXCLUDES, "").split(","))
              .map(path -> path.startsWith("/") ? root + path : path)
              .collect(Collectors.joining(",")));
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

  CentralProcessor processor() {
    return hardware().getProcessor();
  }

  DoubleSupplier frequency() {
    return LINUX
        ? CpuFrequency.linux(sys.resolve("devices/system/cpu/cpufreq"))
        : CpuFrequency.elsewhere(this::processor);
  }

  GlobalMemory memory() {
    return hardware().getMemory();
  }

  VirtualMemory swap() {
    return memory().getVirtualMemory();
  }

  /** OSHI runs a command on Linux to list them: only when the table of mounts has changed. */
  Supplier<List<Mount>> mounts(Predicate<String> chosen) {
    Supplier<List<Mount>> mounts =
        () -> Mounts.of(operatingSystem().getFileSystem().getFileStores(true), root, chosen);
    return LINUX
        ? Listing.whenChanged(Path.of("/proc/self/mounts"), mounts)
        : Listing.eachMinute(mounts, System::nanoTime);
  }

  Supplier<List<Disk>> disks() {
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
  Supplier<List<Interface>> interfaces() {
    return LINUX
        ? Interfaces.linux(proc.resolve(inContainer() ? "1/net/dev" : "net/dev"))
        : Interfaces.elsewhere(
            Listing.eachMinute(() -> hardware().getNetworkIFs(true), System::nanoTime));
  }

  /** In a container without their addresses, which only the host's own network tells. */
  List<Link> links() {
    return inContainer()
        ? Interfaces.links(sys.resolve("class/net"))
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

  Sensors sensors() {
    return hardware().getSensors();
  }

  Path thermal() {
    return sys.resolve("class/thermal");
  }

  Supplier<List<PowerSource>> batteries() {
    return Listing.eachMinute(
        () ->
            hardware().getPowerSources().stream()
                .filter(source -> !LINUX || hasCapacity(source))
                .collect(Collectors.toList()),
        System::nanoTime);
  }

  Cgroup cgroup() {
    return new Cgroup(Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup"));
  }

  HardwareAbstractionLayer hardware() {
    return system.getHardware();
  }

  /** OSHI gives a power supply that is no battery the charge of the battery before it. */
  private boolean hasCapacity(PowerSource source) {
    Path supplies = sys.resolve("class/power_supply");
    return Files.exists(supplies.resolve(source.getName()).resolve("capacity"));
  }
}
