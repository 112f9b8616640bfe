package routes.routefiles;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import routes.routefiles.YamlPart.Invalid;
import routes.settings.Settings;

/** The command {@code test}: runs the cases of test files. */
public final class TestCommand {
  private static final String USAGE = "usage: test [FOLDER | NAME.test.yaml]...";
  private static final int MOST_LEVELS = 50;

  private final IdleRuntime.Parts parts;
  private final PrintStream out;
  private volatile Path current;
  private int passed;
  private int failed;
  private int files;
  private int invalid;

  private TestCommand(IdleRuntime.Parts parts, PrintStream out) {
    this.parts = parts;
    this.out = out;
  }

  /**
   * @param words the arguments after {@code test}
   * @param parts the parts of the runtime
   * @return the exit code: 0, 1 if a case fails, 2 for invalid arguments or files
   */
  public static int run(
      List<String> words, IdleRuntime.Parts parts, PrintStream out, PrintStream err) {
    if (words.stream().anyMatch(word -> word.matches("\\s*|-.*"))) {
      err.println(USAGE);
      return 2;
    }
    Settings settings = Settings.withoutSecrets();
    settings.resolveFolder("routes.directory", "the folder with the route files");
    Path routes = Path.of(settings.require("routes.directory", "a folder"));
    SortedSet<Path> found = new TreeSet<>();
    for (Path place : words.isEmpty() ? List.of(routes) : words.stream().map(Path::of).toList()) {
      try {
        List<Path> files = files(place);
        if (files.isEmpty()) {
          err.println(
              "test: " + place + " contains no test file (NAME" + RouteTestFile.SUFFIX + ")");
          return 2;
        }
        found.addAll(files);
      } catch (IOException e) {
        err.println("test: " + place + " is not a folder or a test file that can be read");
        return 2;
      }
    }
    return new TestCommand(parts, out).run(found, routes);
  }

  private static List<Path> files(Path place) throws IOException {
    if (Files.isRegularFile(place) && isTestFile(place)) {
      return List.of(place);
    }
    if (!Files.isDirectory(place)) {
      throw new IOException("neither");
    }
    try (Stream<Path> all = Files.walk(place, MOST_LEVELS, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(TestCommand::isTestFile).toList();
    }
  }

  private static boolean isTestFile(Path file) {
    return file.getFileName().toString().endsWith(RouteTestFile.SUFFIX);
  }

  private int run(SortedSet<Path> found, Path routes) {
    Path data;
    try {
      data = Files.createTempDirectory("route-tests");
    } catch (IOException e) {
      out.println("test: no temporary folder can be created: " + e.getMessage());
      return 2;
    }
    Thread early = new Thread(this::endedEarly, "test ended early");
    Runtime.getRuntime().addShutdownHook(early);
    for (Path file : found) {
      files++;
      current = file;
      try {
        run(RouteTestFile.read(file), routes, data);
      } catch (Invalid e) {
        invalid++;
        Fault fault = e.fault();
        out.println(fault);
      }
    }
    Runtime.getRuntime().removeShutdownHook(early);
    delete(data);
    out.println(summary());
    return invalid > 0 ? 2 : failed > 0 ? 1 : 0;
  }

  /** A step may end the process with exit code 0, which would look like a success. */
  private void endedEarly() {
    out.println(Fault.shown(current) + ": the process ended during this test");
    out.flush();
    Runtime.getRuntime().halt(1);
  }

  private void run(RouteTestFile file, Path routes, Path data) {
    Map<String, String> defaults = new HashMap<>();
    defaults.put("device.id", "edge-1");
    defaults.put("routes.directory", file.route().toAbsolutePath().getParent().toString());
    defaults.put("data.directory", data.toString());
    List<Path> configurations = configurations(file.route(), routes);
    List<String> lines = new ArrayList<>();
    int good = 0;
    for (RouteCase routeCase : file.cases()) {
      List<Difference> differences = CaseRun.run(parts, file, routeCase, defaults, configurations);
      if (differences.isEmpty()) {
        good++;
      } else {
        lines.add("  " + routeCase.name() + " (line " + routeCase.line() + ")");
        differences.forEach(difference -> add(difference, lines));
      }
    }
    int bad = file.cases().size() - good;
    passed += good;
    failed += bad;
    out.println(Fault.shown(file.file()) + ": " + counts(good, bad));
    lines.forEach(line -> out.println(line.replaceAll("\\p{Cntrl}", "?")));
  }

  private static void add(Difference difference, List<String> lines) {
    lines.add("    " + difference.what());
    if (difference.expected() != null) {
      lines.add("      expected: " + difference.expected());
      lines.add("      actual:   " + difference.actual());
    }
  }

  private static String counts(int passed, int failed) {
    String bad = failed + " failed";
    return failed == 0 ? passed + " passed" : passed == 0 ? bad : passed + " passed, " + bad;
  }

  private String summary() {
    String all = files + (files == 1 ? " file: " : " files: ") + counts(passed, failed);
    return invalid == 0
        ? all
        : all + ", " + invalid + (invalid == 1 ? " file" : " files") + " invalid";
  }

  /** The files with error handling: those in the folder of the route, or else the shipped ones. */
  private static List<Path> configurations(Path route, Path routes) {
    List<Path> beside = configurations(route.toAbsolutePath().getParent());
    return beside.isEmpty() ? configurations(routes) : beside;
  }

  private static List<Path> configurations(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(RouteFolder.SUFFIX))
          .filter(file -> RouteText.of(file).line("routeConfiguration", "") > 0)
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted((one, two) -> two.compareTo(one)).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      // left to the system's own clean-up
    }
  }
}
