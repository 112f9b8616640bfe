package routes.bundles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import routes.settings.SettingsFile;

/** Runs a command in a process of its own, which cannot disturb the routes in use. */
public final class CheckProcess implements CheckRun {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** The exit code after SIGKILL. */
  private static final int KILLED = 137;

  private final List<String> java;

  /**
   * @param java the command that starts this program
   */
  CheckProcess(List<String> java) {
    this.java = java;
  }

  /**
   * This program once more, with little memory.
   *
   * @param main the class with the commands
   */
  public static CheckProcess of(String main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    String settings = System.getProperty(SettingsFile.PROPERTY);
    if (settings != null) {
      command.add("-D" + SettingsFile.PROPERTY + "=" + settings);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    return new CheckProcess(command);
  }

  @Override
  public Outcome run(Path folder, Map<String, String> settings, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(java);
    int main = command.size() - 1;
    settings.forEach((key, value) -> command.add(main, "-D" + key + "=" + value));
    command.addAll(List.of(words));
    Path output = folder.resolve(words[0] + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("ROUTES_INCLUDE", "*"); // a bundle's routes are always loaded
    int exitCode = exitCode(builder.start(), words[0]);
    return new Outcome(exitCode, Files.readString(output, StandardCharsets.UTF_8).lines().toList());
  }

  private static int exitCode(Process process, String word)
      throws IOException, InterruptedException {
    killFirst(process);
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException(word + " took longer than " + PATIENCE.toMinutes() + " minutes");
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() == KILLED) {
      throw new IOException(word + " was killed; it needs 100 MB of memory");
    }
    return process.exitValue();
  }

  /**
   * Where memory is short, the kernel ends the check and not the runtime (proc(5), oom_score_adj).
   */
  private static void killFirst(Process process) {
    try {
      Files.writeString(Path.of("/proc/" + process.pid() + "/oom_score_adj"), "1000");
    } catch (IOException e) {
      // it has ended, or there is no /proc
    }
  }
}
