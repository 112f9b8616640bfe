package routes.host;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
import routes.host.NetworkMetrics.Interface;

/**
 * The machine this runs on. OSHI reads it, and is first touched at the first reading; on Linux some
 * things are read past OSHI, where that is cheaper or also works in a slim container.
 */
final class Machine {
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
  private static final Path POWER_SUPPLY = Path.of("/sys/class/power_supply");

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

  OperatingSystem operatingSystem() {
    return system.getOperatingSystem();
  }

  CentralProcessor processor() {
    return hardware().getProcessor();
  }

  DoubleSupplier frequency() {
    return LINUX
        ? CpuFrequency.linux(Path.of("/sys/devices/system/cpu/cpufreq"))
        : CpuFrequency.elsewhere(this::processor);
  }

  GlobalMemory memory() {
    return hardware().getMemory();
  }

  VirtualMemory swap() {
    return memory().getVirtualMemory();
  }

  /** OSHI runs a command on Linux to list them: only when the table of mounts has changed. */
  Supplier<List<File>> mounts(Predicate<String> chosen) {
    Supplier<List<File>> mounts =
        () -> Mounts.of(operatingSystem().getFileSystem().getFileStores(true), chosen);
    return LINUX
        ? Listing.whenChanged(Path.of("/proc/self/mounts"), mounts)
        : Listing.eachMinute(mounts, System::nanoTime);
  }

  Supplier<List<Disk>> disks() {
    return LINUX
        ? Disks.linux(Path.of("/proc/diskstats"), Path.of("/sys/block"))
        : Disks.elsewhere(Listing.eachMinute(() -> hardware().getDiskStores(), System::nanoTime));
  }

  List<Model> diskModels() {
    Path block = Path.of("/sys/block");
    if (LINUX) {
      return Files.isDirectory(block) ? Disks.models(block) : List.of();
    }
    return hardware().getDiskStores().stream()
        .map(disk -> new Model(disk.getName(), disk.getModel(), disk.getSize()))
        .collect(Collectors.toList());
  }

  Supplier<List<Interface>> interfaces() {
    return LINUX
        ? Interfaces.linux(Path.of("/proc/net/dev"))
        : Interfaces.elsewhere(
            Listing.eachMinute(() -> hardware().getNetworkIFs(true), System::nanoTime));
  }

  Sensors sensors() {
    return hardware().getSensors();
  }

  Path thermal() {
    return Path.of("/sys/class/thermal");
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
  private static boolean hasCapacity(PowerSource source) {
    return Files.exists(POWER_SUPPLY.resolve(source.getName()).resolve("capacity"));
  }
}
