package routes.routefiles;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.spi.Resource;

/**
 * A folder's route files, and similar files that would not be loaded. Links are followed, and each
 * file counts once. Entries that begin with two dots are skipped; in a Kubernetes volume they are
 * the targets of the links beside them.
 */
final class RouteFolder extends SimpleFileVisitor<Path> {
  public static final String SUFFIX = ".camel.yaml";

  private static final String HIDDEN = "..";

  private static final int MOST_ENTRIES = 20_000;
  private static final int MOST_FILES = 1_000;
  private static final int MOST_LEVELS = 50;

  /**
   * What identifies the content of a file.
   *
   * @param target the file itself, behind all links
   */
  private record State(Object target, FileTime modified, long size) {}

  private final SortedSet<Path> routeFiles = new TreeSet<>();
  private final Map<Path, State> states = new HashMap<>();
  private final SortedSet<Path> others = new TreeSet<>();
  private final SortedSet<Path> unreadable = new TreeSet<>();
  private final Path root;
  private int entries;
  private boolean tooLarge;

  private RouteFolder(Path root) {
    this.root = root;
  }

  public static RouteFolder of(Path folder) throws IOException {
    RouteFolder found = new RouteFolder(folder);
    Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MOST_LEVELS, found);
    Set<Object> targets = new HashSet<>();
    found.routeFiles.removeIf(file -> !targets.add(found.states.get(file).target()));
    return found;
  }

  /** The inode, or the path where there is none: to resolve a path takes ten times as long. */
  private static Object target(Path file, BasicFileAttributes attributes) {
    if (attributes.fileKey() != null) {
      return attributes.fileKey();
    }
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file; // just removed
    }
  }

  private static State state(Path file, BasicFileAttributes attributes) {
    return new State(target(file, attributes), attributes.lastModifiedTime(), attributes.size());
  }

  /** The file from which a route was loaded. */
  static Path file(Resource source) {
    return Path.of(source.getLocation().replaceFirst("^file:", ""));
  }

  /** Changes when the route file or its link target is replaced or written to. */
  Object state(Path routeFile) {
    return states.get(routeFile);
  }

  /** A route file's name without its suffix. */
  public static String nameOf(Path file) {
    return file.getFileName().toString().replace(SUFFIX, "");
  }

  /**
   * Whether a file ends only in .yaml or .yml and is therefore not loaded; test files are known.
   */
  static boolean isOther(Path file) {
    String name = file.getFileName().toString();
    return !name.endsWith(SUFFIX)
        && !name.endsWith(RouteTestFile.SUFFIX)
        && name.toLowerCase(Locale.ROOT).matches(".*\\.ya?ml");
  }

  public SortedSet<Path> routeFiles() {
    return routeFiles;
  }

  /** Files for which {@link #isOther} is true. */
  public SortedSet<Path> others() {
    return others;
  }

  /** Unreadable folders and files, and entries with a route file's name that are not files. */
  public SortedSet<Path> unreadable() {
    return unreadable;
  }

  /** The names of route files and others. */
  public List<String> names() {
    return Stream.concat(routeFiles.stream(), others.stream())
        .map(file -> file.getFileName().toString())
        .toList();
  }

  /** Whether the search was stopped because there is too much, such as in /. */
  public boolean tooLarge() {
    return tooLarge;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    boolean hidden = !folder.equals(root) && folder.getFileName().toString().startsWith(HIDDEN);
    return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    String name = file.getFileName().toString();
    if (name.startsWith(HIDDEN)) {
      return FileVisitResult.CONTINUE;
    }
    if (attributes.isRegularFile()) {
      if (name.endsWith(SUFFIX)) {
        routeFiles.add(file);
        states.put(file, state(file, attributes));
      } else if (isOther(file)) {
        others.add(file);
      }
    } else if (name.endsWith(SUFFIX)) {
      unreadable.add(file);
    }
    tooLarge = ++entries > MOST_ENTRIES || routeFiles.size() + others.size() > MOST_FILES;
    return tooLarge ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
  }

  /** Skips what cannot be read, as Camel does. */
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) {
    if (!(e instanceof FileSystemLoopException)) {
      unreadable.add(file);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, IOException e) {
    return FileVisitResult.CONTINUE;
  }
}
