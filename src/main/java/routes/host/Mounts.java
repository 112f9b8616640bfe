package routes.host;

import java.io.File;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import oshi.software.os.OSFileStore;

/**
 * Which mount points are measured: directories on local disks and in memory. Left out are what OSHI
 * takes for pseudo and network file systems, the files that containers have mounted, and the second
 * mount point of a device.
 */
final class Mounts {
  private Mounts() {}

  /**
   * @param chosen which mount points to measure; the others aren't touched, should one be stuck
   */
  static List<File> of(List<OSFileStore> stores, Predicate<String> chosen) {
    Map<String, File> byDevice = new LinkedHashMap<>();
    stores.stream()
        .filter(store -> chosen.test(store.getMount()))
        .sorted(Comparator.comparing(store -> store.getMount().length()))
        .forEach(store -> byDevice.computeIfAbsent(device(store), device -> directory(store)));
    return List.copyOf(byDevice.values());
  }

  /** The names of file systems in memory don't tell them apart. */
  private static String device(OSFileStore store) {
    return store.getVolume().startsWith("/dev/") ? store.getVolume() : store.getMount();
  }

  private static File directory(OSFileStore store) {
    File mount = new File(store.getMount());
    return mount.isDirectory() ? mount : null;
  }
}
