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
import routes.settings.SettingsFile;

/**
 * The command {@code check}: validates the settings and a folder of route files without starting
 * anything.
 */
public final class CheckCommand {
  private static final String NONE = "no route files checked";
  private static final String USAGE = "usage: check [FOLDER]";

  /** Settings with secrets, which Camel's messages may quote. */
  private static final Predicate<String> SECRET =
      Pattern.compile(".*(password|connection-string|group-key|device-key|nats\\.servers)")
          .asMatchPredicate();

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
   * @param words the arguments after {@code check}
   * @param parts the parts of the runtime
   * @param overrides settings that override file and environment
   * @return the exit code: 0, 1 for errors, 2 for invalid arguments
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
      return ""; // invalid, and therefore never quoted
    }
  }

  private int check(PrintStream out) {
    String settingsSummary = checkSettings();
    String filesSummary = runtime.usable() ? checkFiles() : NONE;
    report.print(out);
    out.println(settingsSummary + filesSummary);
    return report.errors() == 0 ? 0 : 1;
  }

  /** Returns the summary. */
  private String checkSettings() {
    SettingsFile.of(runtime.context())
        .flatMap(SettingsFile::exposed)
        .ifPresent(warning -> report.warn("settings", warning));
    List<String> faults = runtime.faults();
    faults.forEach(fault -> report.error("settings", fault));
    if (faults.isEmpty()) {
      report.ok("settings", "OK");
      return "";
    }
    return faults.size() == 1 ? "1 invalid setting; " : faults.size() + " invalid settings; ";
  }

  private String checkFiles() {
    RouteFolder found;
    try {
      found = RouteFolder.of(folder);
    } catch (IOException e) {
      report.error(folder.toString(), "cannot be read; check its permissions");
      return NONE;
    }
    if (found.tooLarge()) {
      report.error(folder.toString(), "too many files; is this the folder with the route files?");
      return NONE;
    }
    RouteCheck check = new RouteCheck((DefaultCamelContext) runtime.context());
    found
        .unreadable()
        .forEach(
            file ->
                report.error(
                    Fault.shown(file),
                    "cannot be read; it must be an existing file that this user may read"));
    Predicate<Path> included = new RouteNames(settings);
    List<Path> files = found.routeFiles().stream().filter(included).toList();
    check.check(files);
    files.forEach(file -> report(file, check));
    found.routeFiles().stream()
        .filter(included.negate())
        .forEach(file -> report.ok(Fault.shown(file), "not loaded (routes.include)"));
    check.unplaced().forEach(fault -> report.error(folder.toString(), fault.text()));
    found
        .others()
        .forEach(
            file ->
                report.warn(
                    Fault.shown(file), "not loaded; the name must end in " + RouteFolder.SUFFIX));
    for (String gateway : settings.list("gateways")) {
      String route = "gateway-" + gateway;
      // a file with an error has no route, and its error is reported
      boolean loaded = files.stream().anyMatch(file -> RouteFolder.nameOf(file).equals(route));
      if (!loaded && !check.hasRoute(route)) {
        reportMissing(route + RouteFolder.SUFFIX, found.names());
      }
    }
    return summary(files, found.unreadable().size(), check);
  }

  private void report(Path file, RouteCheck check) {
    List<Fault> faults = check.faults(file);
    faults.forEach(fault -> report.error(fault.place(), fault.text()));
    List<Fault> warnings = faults.isEmpty() ? check.warnings(file) : List.of();
    warnings.forEach(fault -> report.warn(fault.place(), fault.text()));
    if (faults.isEmpty() && warnings.isEmpty()) {
      report.ok(Fault.shown(file), state(file, check));
    }
  }

  private String state(Path file, RouteCheck check) {
    if (isLeftOut(file)) {
      return "not checked; its gateway's settings are invalid";
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

  /** A gateway without a route would send nothing and report no error. */
  private void reportMissing(String name, List<String> names) {
    String why =
        names.contains(name)
            ? ", which routes.include excludes"
            : ", which does not exist" + Nearest.hint(name, names);
    report.warn(folder.toString(), "gateways needs " + name + why);
  }

  private String summary(Collection<Path> files, int unreadable, RouteCheck check) {
    long wrong = unreadable + files.stream().filter(file -> !check.faults(file).isEmpty()).count();
    long left = files.stream().filter(this::isLeftOut).count();
    int count = files.size() + unreadable;
    String all = count + (count == 1 ? " file" : " files");
    if (wrong > 0) {
      return wrong + " of " + all + (wrong == 1 ? " has errors" : " have errors");
    }
    return left > 0 ? (count - left) + " of " + all + " OK" : all + " OK";
  }
}
