package routes.routefiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds new, changed and removed files in a folder by polling all of them. File system events would
 * miss some: a Kubernetes volume changes a link outside the files, and network file systems report
 * nothing.
 */
final class RouteChanges {
  private static final Logger LOG = LoggerFactory.getLogger(RouteChanges.class);

  private final Path folder;
  private Map<Path, Object> before = Map.of();
  private boolean missing;

  RouteChanges(Path folder) {
    this.folder = folder;
  }

  /**
   * The files that have changed since the last call, removed ones first. None while the folder
   * itself is missing, for example while a link to it is being replaced.
   */
  List<Path> next() throws IOException {
    RouteFolder found = RouteFolder.of(folder);
    if (missing(!Files.isDirectory(folder) || found.unreadable().contains(folder))) {
      return List.of();
    }
    Map<Path, Object> now = new TreeMap<>();
    found.routeFiles().forEach(file -> now.put(file, found.state(file)));
    found.unreadable().forEach(file -> now.put(file, state(file)));
    found.others().forEach(file -> now.put(file, ""));
    List<Path> changed = new ArrayList<>();
    before.forEach(
        (file, state) -> {
          if (!now.containsKey(file)) {
            if (Files.notExists(file)) {
              changed.add(file);
            } else {
              now.put(file, state); // below a folder that is currently unreadable
            }
          }
        });
    now.forEach(
        (file, state) -> {
          if (!state.equals(before.get(file))) {
            changed.add(file);
          }
        });
    before = now;
    return changed;
  }

  private boolean missing(boolean now) {
    if (now && !missing) {
      LOG.error("{} does not exist or cannot be read; its routes keep running", folder);
    }
    missing = now;
    return now;
  }

  /** Changes when an unreadable file or its link target is replaced or written to. */
  private static Object state(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return List.of(
          file.toRealPath(),
          attributes.lastModifiedTime(),
          attributes.size(),
          String.valueOf(attributes.fileKey()));
    } catch (IOException e) {
      return "";
    }
  }
}
