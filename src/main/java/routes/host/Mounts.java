package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import oshi.software.os.OSFileStore;
import routes.host.FilesystemMetrics.Space;

/**
 * Lists the file systems. On Linux they come from the mount table, since OSHI leaves out a mount
 * point whose name cannot be represented in the locale. Each file system is measured once, even
 * with several mount points.
 */
final class Mounts {
  /**
   * Order of preference: {@code /}, then a mount of the whole file system, then the shorter path.
   */
  private static final Comparator<Mount> BEST =
      Comparator.comparing((Mount mount) -> !mount.point().equals("/"))
          .thenComparing(mount -> !mount.isWhole())
          .thenComparing(mount -> mount.point().length());

  private Mounts() {}

  /**
   * @param table /proc/self/mountinfo
   * @param root the machine's root file system; other mounts belong to a container
   * @param chosen which mount points to measure; the others are never accessed, since one may hang
   */
  static Supplier<List<Source<Space>>> linux(Path table, Path root, Predicate<String> chosen) {
    return Listing.whenChanged(
        table,
        () -> {
          try {
            return parse(new String(KernelFile.bytes(table), ISO_8859_1), root, chosen);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  static List<Source<Space>> parse(String mountinfo, Path root, Predicate<String> chosen) {
    List<Source<Space>> spaces = new ArrayList<>();
    List<Mount> mounts = new ArrayList<>();
    for (String line : mountinfo.lines().filter(text -> !text.isBlank()).toList()) {
      try {
        mounts.add(Mount.parse(line));
      } catch (IllegalArgumentException e) {
        spaces.add(
            new Source<>(
                KernelFile.text(line.getBytes(ISO_8859_1)),
                () -> {
                  throw e;
                }));
      }
    }
    Map<String, List<Mount>> byDevice = new LinkedHashMap<>();
    String prefix = root.getNameCount() == 0 ? "" : KernelFile.raw(root);
    MountTree tree = new MountTree(mounts, prefix);
    for (Mount mount : tree.visible()) {
      if (mount.isMeasured() && chosen.test(mount.text())) {
        byDevice.computeIfAbsent(tree.device(mount), device -> new ArrayList<>()).add(mount);
      }
    }
    for (List<Mount> candidates : byDevice.values()) {
      candidates.sort(BEST);
      spaces.add(new Source<>(candidates.get(0).text(), new MountedSpace(candidates, prefix)));
    }
    return spaces;
  }

  static Supplier<List<Source<Space>>> elsewhere(
      Supplier<List<OSFileStore>> stores, Predicate<String> chosen) {
    return () ->
        stores.get().stream()
            .map(OSFileStore::getMount)
            .filter(chosen)
            .map(point -> new Source<>(point, () -> space(new File(point))))
            .collect(Collectors.toList());
  }

  private static Space space(File directory) {
    return new Space(
        directory.getPath(),
        directory.getTotalSpace(),
        directory.getFreeSpace(),
        directory.getUsableSpace());
  }
}
