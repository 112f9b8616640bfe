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

/** Selects this process's route files: those in routes.directory that routes.include names. */
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
   * Makes Camel load exactly these files.
   *
   * @throws SettingException if the folder or a named file does not exist
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
              + " contains no route file (NAME.camel.yaml); copy those in routes-yaml/ there");
    }
    // Camel's own search follows no links, and finds files that a Kubernetes volume hides.
    settings.override(
        "routes.pattern",
        files.stream().filter(this).map(file -> "file:" + file).collect(Collectors.joining(",")));
  }

  private void check(String name, SortedSet<Path> files) {
    if (!NAME.matcher(name).matches()) {
      throw new SettingException(
          KEY, "\"" + name + "\" is not a route name; use names such as collect-*,on-error");
    }
    Predicate<String> named = new NamePatterns(List.of(name + RouteFolder.SUFFIX), List.of());
    if (!name.equals("*")
        && files.stream().noneMatch(file -> named.test(file.getFileName() + ""))) {
      throw new SettingException(KEY, directory + " contains no file " + name + RouteFolder.SUFFIX);
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
