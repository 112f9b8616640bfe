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
  private Supplier<Use> group;

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
    if (group == null) {
      group = Files.exists(mount.resolve("cgroup.controllers")) ? version2() : version1();
    }
    return group.get();
  }

  private Supplier<Use> version2() {
    Path group = directory(mount, path(""));
    if (!Files.exists(group.resolve("cgroup.type"))) {
      return () -> Use.NONE;
    }
    return () ->
        new Use(
            cpus(read(group.resolve("cpu.max"))),
            field(read(group.resolve("cpu.stat")), "usage_usec") / 1e6,
            number(read(group.resolve("memory.max"))),
            number(read(group.resolve("memory.current"))));
  }

  /** A group at the root is the machine, unless it has limits: then it is a container's. */
  private Supplier<Use> version1() {
    Path cpu = directory(mount.resolve("cpu"), path("cpu"));
    Path time = directory(mount.resolve("cpuacct"), path("cpuacct"));
    Path memory = directory(mount.resolve("memory"), path("memory"));
    boolean cpuRoot = path("cpuacct").equals("/");
    boolean memoryRoot = path("memory").equals("/");
    return () -> {
      String quota = read(cpu.resolve("cpu.cfs_quota_us"));
      double cpus = cpus(quota + " " + read(cpu.resolve("cpu.cfs_period_us")));
      double seconds = number(read(time.resolve("cpuacct.usage"))) / 1e9;
      double bytes = number(read(memory.resolve("memory.limit_in_bytes")));
      double limit = bytes < NO_LIMIT ? bytes : Double.NaN;
      double usage = number(read(memory.resolve("memory.usage_in_bytes")));
      return new Use(
          cpus,
          cpuRoot && Double.isNaN(cpus) ? Double.NaN : seconds,
          limit,
          memoryRoot && Double.isNaN(limit) ? Double.NaN : usage);
    };
  }

  /** From a line such as "4:memory:/docker/1f" or, in version 2, "0::/docker/1f". */
  private String path(String controller) {
    for (String line : read(self).lines().toList()) {
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

  /** Empty where there is no such file. */
  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From a quota and its period, such as "50000 100000"; without a limit "max" or -1. */
  private static double cpus(String max) {
    String[] quota = max.split(" ");
    double cpus = quota.length == 2 ? number(quota[0]) / number(quota[1]) : Double.NaN;
    return cpus > 0 ? cpus : Double.NaN;
  }

  private static double field(String stat, String name) {
    return stat.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> number(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** NaN for "max" and for nothing. */
  private static double number(String text) {
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
