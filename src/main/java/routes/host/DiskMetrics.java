package routes.host;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Whole disks, without their partitions.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.disk.io - bytes moved - By - disk.io.direction (read, write), system.device
 *   <li>system.disk.operations - reads and writes - {operation} - the same
 *   <li>system.disk.operation_time - total time of these operations - s - the same
 *   <li>system.disk.io_time - time the disk was busy - s - system.device
 * </ul>
 *
 * <p><i>Not registered:</i> a disk without any operation since the start, such as an empty card
 * reader; operation_time on systems other than Linux, where OSHI does not report it.
 */
final class DiskMetrics extends MeterFamily {
  private static final String DIRECTION = "disk.io.direction";
  private static final String DEVICE = "system.device";
  private static final Metric IO =
      Metric.counter(
          "system.disk.io", "By", "Bytes read from or written to a disk", DIRECTION, DEVICE);
  private static final Metric OPERATIONS =
      Metric.counter(
          "system.disk.operations",
          "{operation}",
          "Reads from or writes to a disk",
          DIRECTION,
          DEVICE);
  private static final Metric OPERATION_TIME =
      Metric.counter(
          "system.disk.operation_time",
          "s",
          "Total time of the reads or writes",
          DIRECTION,
          DEVICE);
  private static final Metric IO_TIME =
      Metric.counter("system.disk.io_time", "s", "Time during which a disk was busy", DEVICE);

  private final Supplier<List<Source<Disk>>> disks;
  private final Predicate<String> chosen;

  /**
   * @param chosen which disks to measure, by name
   */
  DiskMetrics(Supplier<List<Source<Disk>>> disks, Predicate<String> chosen) {
    super("disk");
    this.disks = disks;
    this.chosen = chosen;
  }

  @Override
  protected void read(Reading reading) {
    for (Source<Disk> disk : disks.get()) {
      if (chosen.test(disk.name())) {
        reading.record(disk.name(), () -> add(reading, disk.value().call()));
      }
    }
  }

  private static void add(Reading reading, Disk disk) {
    String name = disk.name();
    if (disk.reads() + disk.writes() == 0) {
      return;
    }
    reading.add(IO, disk.readBytes(), "read", name);
    reading.add(IO, disk.writtenBytes(), "write", name);
    reading.add(OPERATIONS, disk.reads(), "read", name);
    reading.add(OPERATIONS, disk.writes(), "write", name);
    reading.add(OPERATION_TIME, disk.readSeconds(), "read", name);
    reading.add(OPERATION_TIME, disk.writeSeconds(), "write", name);
    reading.add(IO_TIME, disk.busySeconds(), name);
  }

  /** A disk at one instant; NaN is unknown. */
  record Disk(
      String name,
      double reads,
      double readBytes,
      double readSeconds,
      double writes,
      double writtenBytes,
      double writeSeconds,
      double busySeconds) {}
}
