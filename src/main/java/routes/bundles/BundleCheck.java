package routes.bundles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import routes.settings.Settings;

/**
 * Checks an unpacked bundle: its content, then with the commands {@code check}, together with the
 * device's route files, and {@code test}.
 */
final class BundleCheck {
  private static final int LONGEST_REPORT = 1000;

  private static final Pattern SECRET =
      Pattern.compile(
          "-----BEGIN [A-Z ]*PRIVATE KEY|SharedAccessKey=[A-Za-z0-9+/]"
              + "|(?im)^\\s*(password|passphrase|.*secret|.*token|api-?key): *[\"']?(?!\\{\\{|\\$|[\"'])\\S");

  private static final Pattern CONFIGURATION =
      Pattern.compile("(?m)^-? *[\"']?routeConfiguration[\"']? *:");

  /** A line of check about a file of the bundle. */
  private static final Pattern FAULT =
      Pattern.compile(".*/bundle/(\\S+?): +(?!warning:)(.+)|(.*duplicate route id.*)");

  private final Settings device;
  private final Path routes;
  private final BundleFolder folder;
  private final CheckRun commands;

  /**
   * @param device the settings of this process
   * @param commands runs check and test
   */
  BundleCheck(Settings device, BundleFolder folder, CheckRun commands) {
    this.device = device;
    this.routes = Path.of(device.require("routes.directory", "the folder with the route files"));
    this.folder = folder;
    this.commands = commands;
  }

  /**
   * @throws BundleException with the first errors, each with file and line
   * @throws IOException if this device cannot run the check now
   */
  void check(int version) throws IOException, BundleException, InterruptedException {
    Path bundle = folder.of(version);
    for (Path file : folder.files(version, ".yaml")) {
      checkContent(file);
    }
    Map<String, String> settings = BundleSettings.of(bundle);
    for (String key : settings.keySet()) {
      if (device.isSet(key)) {
        throw new BundleException(Archive.SETTINGS + ": " + key + " is set on the device");
      }
    }
    Path together = folder.checked();
    Files.createSymbolicLink(together.resolve("routes"), routes.toAbsolutePath());
    Files.createSymbolicLink(together.resolve("bundle"), bundle);
    List<String> lines = run(together, settings, "check", together.toString());
    List<String> faults = new ArrayList<>();
    for (String line : lines) {
      Matcher fault = FAULT.matcher(line);
      if (fault.matches()) {
        faults.add(
            fault.group(1) == null
                ? line.replaceAll("\\S*/", "").replaceAll("\\s+", " ")
                : fault.group(1) + ": " + fault.group(2));
      }
    }
    report(faults);
    for (Path file : folder.files(version, BundleRoutes.SUFFIX)) {
      String name = "/bundle/" + file.getFileName();
      if (lines.stream().noneMatch(line -> line.contains(name))) {
        throw new BundleException("check did not read " + name + ": " + last(lines));
      }
    }
    if (!folder.files(version, ".test.yaml").isEmpty()) {
      Path tests = together.resolve("bundle");
      report(failures(run(together, settings, "test", tests.toString())));
    }
  }

  private void checkContent(Path file) throws IOException, BundleException {
    String name = file.getFileName().toString();
    try (Stream<Path> own = Files.walk(routes)) {
      if (own.anyMatch(path -> path.getFileName().toString().equals(name))) {
        throw new BundleException(name + ": the device has a file with this name in " + routes);
      }
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    if (SECRET.matcher(text).find()) {
      throw new BundleException(
          name + ": contains a secret; use a placeholder and set it on the device");
    }
    if (CONFIGURATION.matcher(text).find()) {
      throw new BundleException(name + ": routeConfiguration would change the device's own routes");
    }
  }

  /** The lines of test from the first case that failed on. */
  private static List<String> failures(List<String> lines) {
    boolean passed = lines.get(lines.size() - 1).matches("\\d+ files?: \\d+ passed");
    return passed
        ? List.of()
        : lines.stream().map(line -> line.replaceAll("\\S*/bundle/", "")).toList();
  }

  private static String last(List<String> lines) {
    return lines.isEmpty() ? "no output" : lines.get(lines.size() - 1);
  }

  private static void report(List<String> faults) throws BundleException {
    if (!faults.isEmpty()) {
      String all = faults.stream().map(String::strip).collect(Collectors.joining("; "));
      throw new BundleException(all.substring(0, Math.min(LONGEST_REPORT, all.length())));
    }
  }

  private List<String> run(Path together, Map<String, String> settings, String... words)
      throws IOException, BundleException, InterruptedException {
    CheckRun.Outcome outcome = commands.run(together, settings, words);
    if (outcome.exitCode() > 2 || outcome.lines().isEmpty()) {
      throw new BundleException(
          words[0] + " ended with exit code " + outcome.exitCode() + ": " + last(outcome.lines()));
    }
    return outcome.lines();
  }
}
