package routes.routefiles;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.impl.DefaultCamelContext;
import routes.settings.KnownSettings;
import routes.settings.Nearest;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The command {@code check}: says whether the settings and a folder of route files are right,
 * without starting anything.
 */
public final class CheckCommand {
  private static final String NONE = "no route file was checked";
  private static final String USAGE = "usage: check [FOLDER]";

  /** Settings that hold secrets, which a message of Camel's may quote. */
  private static final Predicate<String> SECRET =
      Pattern.compile(".*(password|connection-string|nats\\.servers)").asMatchPredicate();

  private final IdleRuntime runtime;
  private final Settings settings;
  private final Path folder;
  private final CheckReport report;

  private CheckCommand(IdleRuntime runtime) {
    this.runtime = runtime;
    this.settings = runtime.settings();
    this.folder = Path.of(settings.require("routes.directory", "the folder with the route files"));
    this.report = new CheckReport(secrets());
  }

  /**
   * @param words what stands behind {@code check}
   * @param parts what the runtime consists of
   * @param overrides settings that go over file and environment
   * @return the exit code: 0, 1 if anything is wrong, 2 for words that make no sense
   */
  public static int run(
      List<String> words,
      IdleRuntime.Parts parts,
      Map<String, String> overrides,
      PrintStream out,
      PrintStream err) {
    if (words.size() > 1 || words.stream().anyMatch(word -> word.matches("\\s*|-.*"))) {
      err.println(USAGE);
      return 2;
    }
    Map<String, String> given = new HashMap<>(overrides);
    words.forEach(folder -> given.put("routes.directory", folder));
    return new CheckCommand(IdleRuntime.of(parts, given)).check(out);
  }

  private Set<String> secrets() {
    Properties packaged = KnownSettings.packaged();
    return packaged.stringPropertyNames().stream()
        .filter(SECRET)
        .map(this::value)
        .filter(secret -> secret.length() > 3 && !packaged.containsValue(secret))
        .collect(Collectors.toSet());
  }

  private String value(String key) {
    try {
      return settings.find(key).orElse("");
    } catch (SettingException e) {
      return ""; // it can't be had, and so not quoted
    }
  }

  private int check(PrintStream out) {
    String ofSettings = checkSettings();
    String ofFiles = runtime.usable() ? checkFiles() : NONE;
    report.print(out);
    out.println(ofSettings + ofFiles);
    return report.wrong() == 0 ? 0 : 1;
  }

  /** The summary of it. */
  private String checkSettings() {
    List<String> faults = runtime.faults();
    faults.forEach(fault -> report.wrong("settings", fault));
    if (faults.isEmpty()) {
      report.right("settings", "OK");
      return "";
    }
    return faults.size() == 1 ? "1 setting is wrong; " : faults.size() + " settings are wrong; ";
  }

  private String checkFiles() {
    RouteFolder found;
    try {
      found = RouteFolder.of(folder);
    } catch (IOException e) {
      report.wrong(folder.toString(), "it can't be read: this user should be permitted to");
      return NONE;
    }
    if (found.tooLarge()) {
      report.wrong(folder.toString(), "there is too much in it: is it the folder of route files?");
      return NONE;
    }
    RouteCheck check = new RouteCheck((DefaultCamelContext) runtime.context());
    found
        .unreadable()
        .forEach(
            file ->
                report.wrong(
                    Fault.shown(file),
                    "it can't be read: it should be a file that is there, and this user permitted"
                        + " to"));
    Predicate<Path> included = new RouteNames(settings);
    List<Path> files = found.routeFiles().stream().filter(included).toList();
    check.check(files);
    files.forEach(file -> report(file, check));
    found.routeFiles().stream()
        .filter(included.negate())
        .forEach(file -> report.right(Fault.shown(file), "not loaded: routes.include"));
    check.unplaced().forEach(fault -> report.wrong(folder.toString(), fault.text()));
    found
        .others()
        .forEach(
            file ->
                report.warn(
                    Fault.shown(file),
                    "it isn't loaded: its name should end in " + RouteFolder.SUFFIX));
    for (String gateway : settings.list("gateways")) {
      String route = "gateway-" + gateway;
      // one with a fault has no route, and its fault is reported
      boolean loaded = files.stream().anyMatch(file -> RouteFolder.nameOf(file).equals(route));
      if (!loaded && !check.hasRoute(route)) {
        reportMissing(route + RouteFolder.SUFFIX, found.names());
      }
    }
    return summary(files, found.unreadable().size(), check);
  }

  private void report(Path file, RouteCheck check) {
    List<Fault> faults = check.faults(file);
    faults.forEach(fault -> report.wrong(fault.place(), fault.text()));
    List<Fault> warnings = faults.isEmpty() ? check.warnings(file) : List.of();
    warnings.forEach(fault -> report.warn(fault.place(), fault.text()));
    if (faults.isEmpty() && warnings.isEmpty()) {
      report.right(Fault.shown(file), state(file, check));
    }
  }

  private String state(Path file, RouteCheck check) {
    if (isLeftOut(file)) {
      return "not checked: its gateway's settings are wrong";
    }
    return check.isOff(file) ? "OK (off)" : "OK";
  }

  private boolean isLeftOut(Path file) {
    String name = file.getFileName().toString();
    return runtime.leftOut().stream()
        .anyMatch(
            gateway ->
                name.matches(
                    "(gateway|commands)-" + Pattern.quote(gateway) + "(-inventory)?\\..*"));
  }

  /** A gateway without its route would send nothing, and say nothing of it. */
  private void reportMissing(String name, List<String> names) {
    String why =
        names.contains(name)
            ? ", which routes.include leaves out"
            : ", which isn't there" + Nearest.hint(name, names);
    report.warn(folder.toString(), "gateways needs " + name + why);
  }

  private String summary(Collection<Path> files, int unreadable, RouteCheck check) {
    long wrong = unreadable + files.stream().filter(file -> !check.faults(file).isEmpty()).count();
    long left = files.stream().filter(this::isLeftOut).count();
    int count = files.size() + unreadable;
    String all = count + (count == 1 ? " file" : " files");
    if (wrong > 0) {
      return wrong + " of " + all + (wrong == 1 ? " has faults" : " have faults");
    }
    return left > 0 ? (count - left) + " of " + all + " OK" : all + " OK";
  }
}
