package routes.host;

import java.util.List;
import java.util.function.Supplier;

/**
 * Local file systems.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.filesystem.usage - space by state - By - system.filesystem.mountpoint,
 *       system.filesystem.state (used, free, reserved for the administrator)
 *   <li>system.filesystem.limit - total space - By - system.filesystem.mountpoint
 *   <li>system.filesystem.utilization - used space divided by used plus free space, as df shows it;
 *       1 is full - 1 - system.filesystem.mountpoint
 * </ul>
 *
 * <p><i>Not registered:</i> what {@link Mounts} leaves out; reserved space of 0.
 */
final class FilesystemMetrics extends MeterFamily {
  private static final String MOUNTPOINT = "system.filesystem.mountpoint";
  private static final Metric USAGE =
      Metric.gauge(
          "system.filesystem.usage",
          "By",
          "Space of a file system by state",
          MOUNTPOINT,
          "system.filesystem.state");
  private static final Metric LIMIT =
      Metric.gauge("system.filesystem.limit", "By", "Size of a file system", MOUNTPOINT);
  private static final Metric UTILIZATION =
      Metric.gauge(
          "system.filesystem.utilization",
          "1",
          "Used share of a file system, as df reports it: 1 is full",
          MOUNTPOINT);

  private final Supplier<List<Source<Space>>> mounts;

  FilesystemMetrics(Supplier<List<Source<Space>>> mounts) {
    super("filesystem");
    this.mounts = mounts;
  }

  @Override
  protected void read(Reading reading) {
    for (Source<Space> mount : mounts.get()) {
      reading.record(mount.name(), () -> add(reading, mount.value().call()));
    }
  }

  private static void add(Reading reading, Space space) {
    if (space == null || space.total() <= 0 || space.unused() > space.total()) {
      return;
    }
    String mountpoint = space.mountpoint();
    long free = Math.min(space.unused(), space.usable());
    long used = space.total() - space.unused();
    long reserved = space.unused() - free;
    reading.add(USAGE, used, mountpoint, "used");
    reading.add(USAGE, free, mountpoint, "free");
    reading.add(USAGE, reserved > 0 ? reserved : Double.NaN, mountpoint, "reserved");
    reading.add(LIMIT, space.total(), mountpoint);
    reading.add(UTILIZATION, (double) used / (used + free), mountpoint);
  }

  /**
   * The space of a file system, in bytes.
   *
   * @param unused free bytes, of which some may be reserved
   */
  record Space(String mountpoint, long total, long unused, long usable) {}
}
