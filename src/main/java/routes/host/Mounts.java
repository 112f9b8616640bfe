package routes.host;

import java.io.File;
import java.nio.file.Path;
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
   * @param root where the machine's root file system is; what is mounted elsewhere is a container's
   * @param chosen which mount points to measure; the others aren't touched, should one be stuck
   */
  static List<Mount> of(List<OSFileStore> stores, Path root, Predicate<String> chosen) {
    Map<String, Mount> byDevice = new LinkedHashMap<>();
    stores.stream()
        .filter(store -> isRoot(root) || Path.of(store.getMount()).startsWith(root))
        .filter(store -> chosen.test(point(store, root)))
        .sorted(Comparator.comparing(store -> store.getMount().length()))
        .forEach(store -> byDevice.computeIfAbsent(device(store), device -> mount(store, root)));
    return List.copyOf(byDevice.values());
  }

  /** As the machine itself calls it. */
  private static String point(OSFileStore store, Path root) {
    return isRoot(root)
        ? store.getMount()
        : Path.of("/").resolve(root.relativize(Path.of(store.getMount()))).toString();
  }

  private static boolean isRoot(Path root) {
    return root.getNameCount() == 0;
  }

  /** The names of file systems in memory don't tell them apart. */
  private static String device(OSFileStore store) {
    return store.getVolume().startsWith("/dev/") ? store.getVolume() : store.getMount();
  }

  private static Mount mount(OSFileStore store, Path root) {
    File directory = new File(store.getMount());
    return directory.isDirectory() ? new Mount(point(store, root), directory) : null;
  }

  /**
   * @param point its path on the machine
   * @param directory where this process finds it
   */
  record Mount(String point, File directory) {}
}
