package routes.routefiles;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import routes.sample.NamePatterns;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * Which files of routes.directory are route files of this process: those that routes.include names.
 */
public final class RouteNames implements Predicate<Path> {
  private static final String KEY = "routes.include";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_*-]+");

  private final Path directory;
  private final List<String> names;
  private final Predicate<String> included;

  public RouteNames(Settings settings) {
    directory = Path.of(settings.require("routes.directory", "the folder with the route files"));
    names = settings.list(KEY);
    included = new NamePatterns(names, List.of());
  }

  public Path directory() {
    return directory;
  }

  @Override
  public boolean test(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(RouteFolder.SUFFIX)
        && included.test(name.substring(0, name.length() - RouteFolder.SUFFIX.length()));
  }

  /**
   * Has Camel load these files and no other.
   *
   * @throws SettingException if the folder or a named file isn't there
   */
  public void useIn(Settings settings) {
    if (!Files.isDirectory(directory)) {
      throw new SettingException(
          "routes.directory", "there is no folder " + directory.toAbsolutePath().normalize());
    }
    SortedSet<Path> files = routeFiles();
    names.forEach(name -> check(name, files));
    if (files.stream().noneMatch(this)) {
      throw new SettingException(
          "routes.directory",
          directory.toAbsolutePath().normalize()
              + " holds no route file (NAME.camel.yaml): put those of routes-yaml/ there");
    }
    // Camel's own search follows no link, and finds what a Kubernetes volume hides.
    settings.override(
        "routes.pattern",
        files.stream().filter(this).map(file -> "file:" + file).collect(Collectors.joining(",")));
  }

  private void check(String name, SortedSet<Path> files) {
    if (!NAME.matcher(name).matches()) {
      throw new SettingException(
          KEY, "\"" + name + "\" is no name of a route: it should be such as collect-*,on-error");
    }
    Predicate<String> named = new NamePatterns(List.of(name + RouteFolder.SUFFIX), List.of());
    if (!name.equals("*")
        && files.stream().noneMatch(file -> named.test(file.getFileName() + ""))) {
      throw new SettingException(
          KEY, "no file in " + directory + " is called " + name + RouteFolder.SUFFIX);
    }
  }

  private SortedSet<Path> routeFiles() {
    try {
      return RouteFolder.of(directory).routeFiles();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
