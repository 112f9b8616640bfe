package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the control groups of this process. A controller has its own hierarchy of version 1 or is
 * in that of version 2; on a hybrid machine both exist.
 */
final class CgroupFolders {
  private static final Group NONE = new Group(null, null, true, true);

  private final List<String> groups;
  private final List<Mount> mounts = new ArrayList<>();

  private CgroupFolders(List<String> groups) {
    this.groups = groups;
  }

  /**
   * @param groups the text of /proc/self/cgroup, with one char per byte
   * @param table /proc/self/mountinfo
   */
  static CgroupFolders of(String groups, Path table) throws IOException {
    CgroupFolders folders = new CgroupFolders(groups.lines().toList());
    if (!groups.isEmpty()) {
      new String(KernelFile.bytes(table), ISO_8859_1)
          .lines()
          .filter(line -> line.contains(" - cgroup"))
          .map(Mount::parse)
          .forEach(folders.mounts::add);
    }
    return folders;
  }

  Group of(String controller) {
    // such as 4:memory:/docker/1f or, in version 2, 0::/docker/1f
    for (String line : groups) {
      String[] group = line.split(":", 3);
      if (group.length == 3 && List.of(group[1].split(",")).contains(controller)) {
        return group("cgroup", controller, group[2]);
      }
    }
    for (String line : groups) {
      if (line.startsWith("0::")) {
        return group("cgroup2", "", line.substring("0::".length()));
      }
    }
    return NONE;
  }

  private Group group(String type, String controller, String path) {
    for (Mount mount : mounts) {
      List<String> controllers = List.of(mount.options().split(","));
      if (mount.type().equals(type) && (controller.isEmpty() || controllers.contains(controller))) {
        return group(mount, path);
      }
    }
    return NONE;
  }

  /**
   * In a container, the container's own group is mounted as the root, but the path in /proc may be
   * that on the host.
   */
  private static Group group(Mount mount, String path) {
    boolean version2 = mount.type().equals("cgroup2");
    Path top = KernelFile.path(mount.point().getBytes(ISO_8859_1));
    if (mount.root().startsWith("/..")) {
      // mounted outside this process' namespace: its own folder is below, under an unknown name
      return new Group(top, null, version2, false);
    }
    String prefix = mount.root().equals("/") ? "" : mount.root();
    String below = path.startsWith(prefix) ? path.substring(prefix.length()) : path;
    Path inside =
        KernelFile.path((mount.point() + "/" + below.replaceFirst("^/+", "")).getBytes(ISO_8859_1))
            .normalize();
    Path own = inside.startsWith(top) && Files.isDirectory(inside) ? inside : top;
    boolean machine = version2 ? !Files.exists(own.resolve("cgroup.type")) : path.equals("/");
    return new Group(top, own, version2, machine);
  }

  /**
   * The group of a controller.
   *
   * @param top the highest visible folder, or null without such a controller
   * @param folder this process' own folder, or null if it is unknown
   * @param isMachine whether it appears to be the root from inside
   */
  record Group(Path top, Path folder, boolean isVersion2, boolean isMachine) {
    /** Its folder and those above. */
    List<Path> upwards() {
      List<Path> folders = new ArrayList<>();
      for (Path at = folder == null ? top : folder; at != null; at = at.getParent()) {
        folders.add(at);
        if (at.equals(top)) {
          break;
        }
      }
      return folders;
    }
  }
}
