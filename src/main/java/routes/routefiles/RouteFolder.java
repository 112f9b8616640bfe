package routes.routefiles;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder's route files, and the files that look like some but would not be loaded. Links are
 * followed, and each file counts once. Entries that begin with two dots are left out: in a
 * Kubernetes volume they hold the files to which the links beside them lead.
 */
final class RouteFolder extends SimpleFileVisitor<Path> {
  public static final String SUFFIX = ".camel.yaml";

  private static final String HIDDEN = "..";

  private static final int MOST_ENTRIES = 20_000;
  private static final int MOST_FILES = 1_000;
  private static final int MOST_LEVELS = 50;

  private final SortedSet<Path> routeFiles = new TreeSet<>();
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
    Set<Path> targets = new HashSet<>();
    found.routeFiles.removeIf(file -> !targets.add(target(file)));
    return found;
  }

  private static Path target(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file; // gone just now
    }
  }

  /** A route file's name without the ending. */
  public static String nameOf(Path file) {
    return file.getFileName().toString().replace(SUFFIX, "");
  }

  /** Whether it ends in .yaml or .yml alone, and so isn't loaded. */
  static boolean isOther(Path file) {
    String name = file.getFileName().toString();
    return !name.endsWith(SUFFIX) && name.toLowerCase(Locale.ROOT).matches(".*\\.ya?ml");
  }

  public SortedSet<Path> routeFiles() {
    return routeFiles;
  }

  /** Those that {@link #isOther}. */
  public SortedSet<Path> others() {
    return others;
  }

  /** Folders that can't be read, and what has a route file's name and is no file. */
  public SortedSet<Path> unreadable() {
    return unreadable;
  }

  /** The names of all of them. */
  public List<String> names() {
    return Stream.concat(routeFiles.stream(), others.stream())
        .map(file -> file.getFileName().toString())
        .toList();
  }

  /** Whether there is more than was looked at, as in / by mistake. */
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
    if (Files.isRegularFile(file)) {
      if (name.endsWith(SUFFIX)) {
        routeFiles.add(file);
      } else if (isOther(file)) {
        others.add(file);
      }
    } else if (name.endsWith(SUFFIX)) {
      unreadable.add(file);
    }
    tooLarge = ++entries > MOST_ENTRIES || routeFiles.size() + others.size() > MOST_FILES;
    return tooLarge ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
  }

  /** What can't be read is left out, as by Camel. */
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
