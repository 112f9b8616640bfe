package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import routes.host.CgroupFolders.Group;
import routes.host.ContainerMetrics.Container;

/**
 * The control groups of this process, of version 2, 1 or both. A limit is the lowest of the limits
 * of the group and the groups above it; usage is that of the group. The root group is the machine
 * itself and has no limits. NaN is unknown or unlimited.
 */
final class Cgroup implements Container {
  /** Version 1 writes "no limit" as the largest number of whole pages. */
  private static final double NO_LIMIT = 1L << 62;

  private final Path self;
  private final Path online;
  private CgroupFolders folders;
  private String groups;

  /**
   * @param self /proc/self
   * @param online /sys/devices/system/cpu/online
   */
  Cgroup(Path self, Path online) {
    this.self = self;
    this.online = online;
  }

  /** Looked up again after this process has been moved. */
  private Group group(String controller) throws IOException {
    Path file = self.resolve("cgroup");
    String now = Files.exists(file) ? new String(KernelFile.bytes(file), ISO_8859_1) : "";
    if (!now.equals(groups)) {
      folders = CgroupFolders.of(now, self.resolve("mountinfo"));
      groups = now;
    }
    return folders.of(controller);
  }

  /** A quota, or fewer processors than the machine has. */
  @Override
  public double cpuLimit() throws IOException {
    Group group = group("cpu");
    double least = Double.NaN;
    for (Path folder : group.upwards()) {
      String quota =
          group.isVersion2()
              ? KernelFile.word(folder.resolve("cpu.max"))
              : KernelFile.word(folder.resolve("cpu.cfs_quota_us"))
                  + " "
                  + KernelFile.word(folder.resolve("cpu.cfs_period_us"));
      least = least(least, cpus(quota.strip()));
    }
    return least(least, cpuset());
  }

  private double cpuset() throws IOException {
    Group group = group("cpuset");
    int machine = count(KernelFile.word(online));
    for (Path folder : group.upwards()) {
      int own =
          count(
              KernelFile.word(
                  folder.resolve(
                      group.isVersion2() ? "cpuset.cpus.effective" : "cpuset.effective_cpus")));
      if (own > 0) { // otherwise the group lacks this controller
        return own < machine ? own : Double.NaN;
      }
    }
    return Double.NaN;
  }

  @Override
  public double cpuSeconds() throws IOException {
    Group group = group("cpuacct");
    if (group.folder() == null || group.isMachine() && Double.isNaN(cpuLimit())) {
      return Double.NaN;
    }
    return group.isVersion2()
        ? field(KernelFile.word(group.folder().resolve("cpu.stat")), "usage_usec") / 1e6
        : number(KernelFile.word(group.folder().resolve("cpuacct.usage"))) / 1e9;
  }

  @Override
  public double memoryLimit() throws IOException {
    Group group = group("memory");
    String file = group.isVersion2() ? "memory.max" : "memory.limit_in_bytes";
    double least = Double.NaN;
    for (Path folder : group.upwards()) {
      least = least(least, number(KernelFile.word(folder.resolve(file))));
    }
    if (!group.isVersion2() && group.folder() != null) {
      // includes groups above that are not visible
      String stat = KernelFile.word(group.folder().resolve("memory.stat"));
      least = least(least, field(stat, "hierarchical_memory_limit"));
    }
    return least < NO_LIMIT ? least : Double.NaN;
  }

  @Override
  public double memoryUsage() throws IOException {
    Group group = group("memory");
    if (group.folder() == null || group.isMachine() && Double.isNaN(memoryLimit())) {
      return Double.NaN;
    }
    String file = group.isVersion2() ? "memory.current" : "memory.usage_in_bytes";
    return number(KernelFile.word(group.folder().resolve(file)));
  }

  private static double least(double one, double other) {
    return Double.isNaN(one) || other < one ? other : one;
  }

  /** Parses a quota and its period, such as "50000 100000"; without a limit "max" or -1. */
  private static double cpus(String max) {
    String[] quota = max.split(" ");
    double cpus = quota.length == 2 ? number(quota[0]) / number(quota[1]) : Double.NaN;
    return cpus > 0 ? cpus : Double.NaN;
  }

  /** How many processors a list such as 0-3,6 names. */
  private static int count(String list) {
    int count = 0;
    for (String range : list.isEmpty() ? new String[0] : list.split(",")) {
      String[] ends = range.split("-");
      count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
    }
    return count;
  }

  private static double field(String stat, String name) {
    return stat.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> number(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Returns NaN for "max", negative numbers and empty text. */
  private static double number(String text) {
    return text.isEmpty() || text.equals("max") || text.startsWith("-")
        ? Double.NaN
        : KernelFile.unsigned(text);
  }
}
