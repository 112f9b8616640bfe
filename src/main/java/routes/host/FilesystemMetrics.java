package routes.host;

import java.io.File;
import java.util.List;
import java.util.function.Supplier;
import routes.host.Mounts.Mount;

/**
 * Local file systems.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.filesystem.usage - space by state - By - system.filesystem.mountpoint,
 *       system.filesystem.state (used, free, reserved: for the administrator)
 *   <li>system.filesystem.limit - all of it - By - system.filesystem.mountpoint
 *   <li>system.filesystem.utilization - used space as a share of what is used or free, as df shows
 *       it: full at 1 - 1 - system.filesystem.mountpoint
 * </ul>
 *
 * <p><i>Not registered:</i> what {@link Mounts} leaves out; space that is reserved where none is.
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
      Metric.gauge("system.filesystem.limit", "By", "Space of a file system", MOUNTPOINT);
  private static final Metric UTILIZATION =
      Metric.gauge(
          "system.filesystem.utilization", "1", "How full a file system is: 1 is full", MOUNTPOINT);

  private final Supplier<List<Mount>> mounts;

  FilesystemMetrics(Supplier<List<Mount>> mounts) {
    super("filesystem");
    this.mounts = mounts;
  }

  @Override
  protected void read(Reading reading) {
    for (Mount mount : mounts.get()) {
      File directory = mount.directory();
      long limit = directory.getTotalSpace();
      long unused = directory.getFreeSpace();
      long free = Math.min(unused, directory.getUsableSpace());
      if (limit <= 0) {
        continue;
      }
      String mountpoint = mount.point();
      long used = limit - unused;
      reading.add(USAGE, used, mountpoint, "used");
      reading.add(USAGE, free, mountpoint, "free");
      reading.add(USAGE, unused > free ? unused - free : Double.NaN, mountpoint, "reserved");
      reading.add(LIMIT, limit, mountpoint);
      reading.add(UTILIZATION, (double) used / (used + free), mountpoint);
    }
  }
}
