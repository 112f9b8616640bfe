package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * The control group of this process, version 2 or 1: what its processes together may use and use.
 * The root group is the machine itself, and says nothing.
 */
final class Cgroup implements Supplier<Cgroup.Use> {
  /** Version 1 writes "no limit" as the largest number of whole pages. */
  private static final double NO_LIMIT = 1L << 62;

  private final Path mount;
  private final Path self;

  /**
   * @param mount /sys/fs/cgroup
   * @param self /proc/self/cgroup
   */
  Cgroup(Path mount, Path self) {
    this.mount = mount;
    this.self = self;
  }

  @Override
  public Use get() {
    try {
      return Files.exists(mount.resolve("cgroup.controllers")) ? version2() : version1();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Use version2() throws IOException {
    Path group = directory(mount, path(""));
    if (!Files.exists(group.resolve("cgroup.type"))) {
      return Use.NONE;
    }
    return new Use(
        cpus(read(group, "cpu.max")),
        field(read(group, "cpu.stat"), "usage_usec") / 1e6,
        number(read(group, "memory.max")),
        number(read(group, "memory.current")));
  }

  private Use version1() throws IOException {
    Path cpu = directory(mount.resolve("cpu"), path("cpu"));
    Path accounting = directory(mount.resolve("cpuacct"), path("cpuacct"));
    Path memory = directory(mount.resolve("memory"), path("memory"));
    double cpus = cpus(read(cpu, "cpu.cfs_quota_us") + " " + read(cpu, "cpu.cfs_period_us"));
    double limit = number(read(memory, "memory.limit_in_bytes"));
    limit = limit < NO_LIMIT ? limit : Double.NaN;
    // A container that sees itself as the root looks like the machine, unless it has limits.
    boolean cpuGroup = !Double.isNaN(cpus) || !path("cpuacct").equals("/");
    boolean memoryGroup = !Double.isNaN(limit) || !path("memory").equals("/");
    return new Use(
        cpus,
        cpuGroup ? number(read(accounting, "cpuacct.usage")) / 1e9 : Double.NaN,
        limit,
        memoryGroup ? number(read(memory, "memory.usage_in_bytes")) : Double.NaN);
  }

  /**
   * The group's path, from a line such as "4:memory:/docker/1f" or, in version 2, "0::/docker/1f".
   */
  private String path(String controller) throws IOException {
    for (String line : Files.exists(self) ? Files.readAllLines(self) : List.<String>of()) {
      String[] group = line.split(":", 3);
      if (group.length == 3 && List.of(group[1].split(",")).contains(controller)) {
        return group[2];
      }
    }
    return "/";
  }

  /** A container has its own group mounted in place of the root, but may know its path outside. */
  private static Path directory(Path mount, String path) {
    Path group = mount.resolve(path.substring(1)).normalize();
    return group.startsWith(mount) && Files.isDirectory(group) ? group : mount;
  }

  /** Empty where the group has no such file. */
  private static String read(Path group, String file) throws IOException {
    try {
      return Files.readString(group.resolve(file)).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** From a quota and its period, such as "50000 100000"; without a limit "max" or -1. */
  static double cpus(String max) {
    String[] quota = max.split(" ");
    double cpus = quota.length == 2 ? number(quota[0]) / number(quota[1]) : Double.NaN;
    return cpus > 0 ? cpus : Double.NaN;
  }

  static double field(String stat, String name) {
    return stat.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> number(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** NaN for "max" and for nothing. */
  static double number(String text) {
    return text.isEmpty() || !Character.isDigit(text.charAt(0))
        ? Double.NaN
        : Double.parseDouble(text);
  }

  /**
   * What a group may use and uses; NaN is unknown or unlimited.
   *
   * @param cpuLimit in processors' worth of time
   */
  record Use(double cpuLimit, double cpuSeconds, double memoryLimit, double memoryUsage) {
    static final Use NONE = new Use(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }
}
