package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import oshi.hardware.HWDiskStore;
import routes.host.DiskMetrics.Disk;

/**
 * Reads the disks: on Linux all of them at once from /proc/diskstats, since OSHI needs libudev,
 * which a slim container lacks, and walks all devices for each one of them.
 */
final class Disks {
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern NO_DISK = Pattern.compile("(loop|z?ram|fd|sr)\\d+");
  private static final int SECTOR = 512;

  private Disks() {}

  /**
   * @param diskstats /proc/diskstats
   * @param block /sys/block, which tells disks from partitions
   */
  static Supplier<List<Disk>> linux(Path diskstats, Path block) {
    Predicate<String> whole = name -> Files.exists(block.resolve(name.replace('/', '!')));
    return () -> {
      try {
        return parse(Files.readString(diskstats), whole);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  static List<Disk> parse(String diskstats, Predicate<String> whole) {
    List<Disk> disks = new ArrayList<>();
    for (String line : diskstats.lines().toList()) {
      // major minor name, reads merged sectors ms, writes merged sectors ms, now busy-ms
      // weighted-ms
      String[] stat = BLANKS.split(line.strip());
      if (stat.length >= 13 && !NO_DISK.matcher(stat[2]).matches() && whole.test(stat[2])) {
        disks.add(
            new Disk(
                stat[2],
                Long.parseLong(stat[3]),
                Long.parseLong(stat[5]) * SECTOR,
                Long.parseLong(stat[6]) / 1000.0,
                Long.parseLong(stat[7]),
                Long.parseLong(stat[9]) * SECTOR,
                Long.parseLong(stat[10]) / 1000.0,
                Long.parseLong(stat[12]) / 1000.0));
      }
    }
    return disks;
  }

  /** One that has gone doesn't answer the update. */
  static Supplier<List<Disk>> elsewhere(Supplier<List<HWDiskStore>> stores) {
    return () ->
        stores.get().stream()
            .filter(HWDiskStore::updateAttributes)
            .map(Disks::disk)
            .collect(Collectors.toList());
  }

  /** The disks in /sys/block that hold something. */
  static List<Model> models(Path block) {
    List<Model> models = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(block)) {
      for (Path device : devices) {
        String name = device.getFileName().toString();
        long size = Long.parseLong(read(device.resolve("size"), "0")) * SECTOR;
        if (size > 0 && !NO_DISK.matcher(name).matches()) {
          // An SD card has a name in place of a model.
          String model = read(device.resolve("device/name"), "");
          models.add(new Model(name, read(device.resolve("device/model"), model), size));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return models;
  }

  private static String read(Path file, String otherwise) throws IOException {
    return Files.isReadable(file) ? Files.readString(file).strip() : otherwise;
  }

  private static Disk disk(HWDiskStore store) {
    return new Disk(
        store.getName(),
        store.getReads(),
        store.getReadBytes(),
        Double.NaN,
        store.getWrites(),
        store.getWriteBytes(),
        Double.NaN,
        store.getTransferTime() / 1000.0);
  }

  /** What a disk is. */
  record Model(String name, String model, long size) {}
}
