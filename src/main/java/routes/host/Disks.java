package routes.host;

import static routes.host.KernelFile.unsigned;

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
 * Reads the disks. On Linux they all come from /proc/diskstats, since OSHI needs libudev, which a
 * slim container lacks, and walks all devices for every single disk.
 */
final class Disks {
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern NO_DISK = Pattern.compile("(loop|z?ram|fd|sr)\\d+");
  private static final Pattern NAME = Pattern.compile("[\\w!/.:+-]+");
  private static final int SECTOR = 512;

  private Disks() {}

  /**
   * @param diskstats /proc/diskstats
   * @param block /sys/block, which distinguishes disks from partitions
   */
  static Supplier<List<Source<Disk>>> linux(Path diskstats, Path block) {
    Predicate<String> whole = name -> Files.exists(block.resolve(name.replace('/', '!')));
    return () -> {
      try {
        return parse(KernelFile.text(diskstats), whole);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  static List<Source<Disk>> parse(String diskstats, Predicate<String> whole) {
    List<Source<Disk>> disks = new ArrayList<>();
    for (String line : diskstats.lines().filter(text -> !text.isBlank()).toList()) {
      // major minor name, reads merged sectors ms, writes merged sectors ms, now busy-ms
      // weighted-ms
      String[] stat = BLANKS.split(line.strip());
      String name = stat.length > 2 ? stat[2] : line.strip();
      if (!NAME.matcher(name).matches()) {
        disks.add(new Source<>(line.strip(), () -> disk(new String[0])));
      } else if (!NO_DISK.matcher(name).matches() && whole.test(name)) {
        disks.add(new Source<>(name, () -> disk(stat)));
      }
    }
    return disks;
  }

  private static Disk disk(String[] stat) {
    if (stat.length < 14) {
      throw new IllegalStateException("a truncated line");
    }
    return new Disk(
        stat[2],
        unsigned(stat[3]),
        unsigned(stat[5]) * SECTOR,
        unsigned(stat[6]) / 1000,
        unsigned(stat[7]),
        unsigned(stat[9]) * SECTOR,
        unsigned(stat[10]) / 1000,
        unsigned(stat[12]) / 1000);
  }

  /** Skips a disk that has been removed and so cannot be updated. */
  static Supplier<List<Source<Disk>>> elsewhere(Supplier<List<HWDiskStore>> stores) {
    return () ->
        stores.get().stream()
            .filter(HWDiskStore::updateAttributes)
            .map(store -> Source.of(store.getName(), disk(store)))
            .collect(Collectors.toList());
  }

  /** The disks in /sys/block that are not empty. */
  static List<Model> models(Path block) {
    List<Model> models = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(block)) {
      for (Path device : devices) {
        String name = device.getFileName().toString();
        String sectors = KernelFile.answer(device.resolve("size"));
        long size = sectors.matches("\\d{1,15}") ? Long.parseLong(sectors) * SECTOR : 0;
        if (size > 0 && !NO_DISK.matcher(name).matches()) {
          // An SD card has a name instead of a model.
          String model = KernelFile.answer(device.resolve("device/model"));
          String label = model.isEmpty() ? KernelFile.answer(device.resolve("device/name")) : model;
          models.add(new Model(name, label, size));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return models;
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

  /** A disk's name, model and size in bytes. */
  record Model(String name, String model, long size) {}
}
