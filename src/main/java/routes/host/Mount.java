package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import oshi.util.GlobalConfig;
import routes.sample.NamePatterns;

/**
 * A line of /proc/self/mountinfo. Its strings have one char per byte, since paths are arbitrary
 * bytes.
 *
 * @param parent the id of the mount that it is mounted on
 * @param device major and minor number, the same for all subvolumes of a btrfs
 * @param root the mounted part of the file system; / is all of it
 * @param options the file system's options, such as an overlay's folders
 */
record Mount(
    int id, int parent, String device, String root, String point, String type, String options) {
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  /** File systems without space of their own, and squashfs, which is always full. */
  private static final Set<String> PSEUDO =
      types(
          GlobalConfig.get(GlobalConfig.OSHI_PSEUDO_FILESYSTEM_TYPES, ""),
          "fuse.gvfsd-fuse,fuse.lxcfs,fuse.portal,nsfs,ramfs,resctrl");

  /** File systems that hang when their server is unavailable, and disc images. */
  private static final Set<String> REMOTE =
      types(
          GlobalConfig.get(GlobalConfig.OSHI_NETWORK_FILESYSTEM_TYPES, ""),
          "beegfs,ceph,coda,gfs2,lustre,ocfs2,orangefs,smb3",
          "fuse.davfs,fuse.glusterfs,fuse.rclone,fuse.s3fs,fuse.sshfs",
          "cramfs,erofs,iso9660,romfs,udf");

  /** Where the system keeps its own files in memory; a disk mounted below still counts. */
  private static final Predicate<String> SYSTEM =
      new NamePatterns(
          List.of("/dev", "/dev/*", "/proc/*", "/run", "/run/*", "/sys/*", "*/shm"), List.of());

  /**
   * @throws IllegalArgumentException if the line is truncated
   */
  static Mount parse(String line) {
    String[] halves = line.split(" - ", 2);
    List<String> mount =
        Arrays.stream(halves[0].split(" ")).map(Mount::unescape).collect(Collectors.toList());
    String[] fileSystem = halves.length == 2 ? halves[1].split(" ", 3) : new String[0];
    if (mount.size() < 6 || fileSystem.length < 2 || !mount.get(4).startsWith("/")) {
      throw new IllegalArgumentException("a truncated line");
    }
    return new Mount(
        Integer.parseInt(mount.get(0)),
        Integer.parseInt(mount.get(1)),
        mount.get(2),
        mount.get(3),
        mount.get(4),
        fileSystem[0],
        fileSystem.length == 3 ? unescape(fileSystem[2]) : "");
  }

  /** Blanks, line breaks and backslashes are octal numbers. */
  private static String unescape(String text) {
    return OCTAL
        .matcher(text)
        .replaceAll(
            (MatchResult octal) -> {
              char letter = (char) (Integer.parseInt(octal.group(1), 8) & 0xff);
              return letter == '\\' || letter == '$' ? "\\" + letter : String.valueOf(letter);
            });
  }

  /** The mount point as people read it. */
  String text() {
    return KernelFile.text(point.getBytes(ISO_8859_1));
  }

  Mount at(String otherPoint) {
    return new Mount(id, parent, device, root, otherPoint, type, options);
  }

  boolean isWhole() {
    return root.equals("/") && !type.equals("overlay");
  }

  boolean isMeasured() {
    boolean system = type.equals("tmpfs") && SYSTEM.test(point);
    return !REMOTE.contains(type) && !system && (point.equals("/") || !PSEUDO.contains(type));
  }

  private static Set<String> types(String... lists) {
    return Arrays.stream(lists)
        .flatMap(list -> Arrays.stream(list.split(",")))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a path is this mount point, or below. */
  boolean covers(String path) {
    return path.startsWith(point)
        && (path.length() == point.length()
            || point.endsWith("/")
            || path.charAt(point.length()) == '/');
  }
}
