package routes.host;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Resolves which mounts are visible and which are hidden by others. */
final class MountTree {
  private static final Pattern UPPER = Pattern.compile("(?:^|,)upperdir=((?:[^,\\\\]|\\\\.)*)");

  private final Map<Integer, Mount> byId = new HashMap<>();
  private final List<Mount> mounts;
  private final List<Mount> visible;

  /**
   * @param prefix the path of the mount points that count; it is treated as /
   */
  MountTree(List<Mount> mounts, String prefix) {
    this.mounts = mounts;
    mounts.forEach(mount -> byId.put(mount.id(), mount));
    visible =
        mounts.stream()
            .filter(mount -> mount.point().equals(prefix) || mount.point().startsWith(prefix + "/"))
            .filter(mount -> mounts.stream().noneMatch(other -> hides(other, mount)))
            .map(mount -> mount.at(beneath(prefix, mount.point())))
            .collect(Collectors.toList());
  }

  /** The mounts that a path leads to, with their points relative to the root. */
  List<Mount> visible() {
    return visible;
  }

  /** Returns the mount's device. For an overlay this is the device of its files, if visible. */
  String device(Mount mount) {
    Matcher upper = UPPER.matcher(mount.type().equals("overlay") ? mount.options() : "");
    if (!upper.find()) {
      return mount.device();
    }
    String folder = upper.group(1).replaceAll("\\\\(.)", "$1");
    Optional<Mount> below =
        visible.stream()
            .filter(other -> other.covers(folder))
            .max(Comparator.comparingInt(other -> other.point().length()));
    return below.orElse(mount).device();
  }

  private static String beneath(String prefix, String point) {
    String path = point.substring(prefix.length());
    return path.isEmpty() ? "/" : path;
  }

  /**
   * A mount hides whatever was mounted at or below its point before, but not mounts on top of it.
   */
  private boolean hides(Mount other, Mount mount) {
    if (other == mount || !other.covers(mount.point())) {
      return false;
    }
    Set<Integer> below = new HashSet<>();
    Mount last = mount;
    while (below.add(last.id()) && byId.get(last.parent()) != null) {
      last = byId.get(last.parent());
    }
    if (last.point().equals("/")) {
      return !below.contains(other.id());
    }
    // the table does not lead to the root
    return other.point().equals(mount.point()) && mounts.indexOf(other) > mounts.indexOf(mount);
  }
}
