package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import routes.sandbox.RuntimeProcess;

/**
 * This machine's file system with a writable layer above it, in a mount namespace of its own: real
 * programs such as dpkg change only the layer. Needs root and overlayfs; otherwise the test is
 * skipped.
 */
final class ThrowawayRoot implements AutoCloseable {
  private static final String MOUNT =
      """
      set -e
      mount --make-rprivate /
      mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
      mount -t proc proc "$1/root/proc"
      mount --rbind /dev "$1/root/dev"
      mount -t tmpfs tmpfs "$1/root/run"
      echo mounted
      exec sleep 3600
      """;

  /** What a command printed, and how it ended. */
  record Result(int exitCode, String output) {}

  private final Path folder;
  private final Process holder;

  private ThrowawayRoot(Path folder, Process holder) {
    this.folder = folder;
    this.holder = holder;
  }

  static ThrowawayRoot in(Path folder) throws Exception {
    for (String name : List.of("upper", "work", "root")) {
      Files.createDirectory(folder.resolve(name));
    }
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    Process holder =
        new ProcessBuilder("unshare", "--mount", "sh", "-c", MOUNT, "sh", folder.toString())
            .redirectErrorStream(true)
            .start();
    String line = holder.inputReader().readLine();
    if (!"mounted".equals(line)) {
      holder.destroyForcibly().waitFor();
      assumeTrue(false, "no overlay file system here: " + line);
    }
    return new ThrowawayRoot(folder, holder);
  }

  /** The command line that becomes this program inside. */
  List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.add("nsenter");
    command.add("--mount=/proc/" + holder.pid() + "/ns/mnt");
    command.addAll(List.of("chroot", folder.resolve("root").toString()));
    command.addAll(Arrays.asList(words));
    return command;
  }

  Result run(String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command(words)).redirectErrorStream(true);
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    builder.environment().put("LC_ALL", "C");
    builder.environment().remove("JAVA_HOME");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  /** The output of a shell command that must succeed. */
  String sh(String command) throws Exception {
    Result result = run("sh", "-c", command);
    assertThat(result.exitCode()).as("%s: %s", command, result.output()).isZero();
    return result.output().strip();
  }

  /** Starts the unit's ExecStart as its user. Environment variables override its settings. */
  RuntimeProcess startService(Map<String, String> environment) throws Exception {
    String start = sh("sed -n 's/^ExecStart=//p' /lib/systemd/system/cloud-iot-routes.service");
    // StateDirectory=
    sh("install -d -o cloud-iot-routes -m 750 /var/lib/cloud-iot-routes");
    List<String> words =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=cloud-iot-routes",
                "--regid=cloud-iot-routes",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs"));
    words.addAll(List.of(start.split(" ")));
    return RuntimeProcess.startCommand(command(words.toArray(String[]::new)), environment);
  }

  void write(String path, String text) throws Exception {
    Path file = Files.writeString(folder.resolve("text"), text);
    sh("cat '" + file + "' >'" + path + "'");
  }

  /** What the commands left, as paths below the root; deletions are left out. */
  List<String> left(String name) throws IOException {
    Path upper = folder.resolve("upper");
    try (Stream<Path> files = Files.walk(upper)) {
      return files
          .filter(file -> file.getFileName().toString().contains(name))
          .filter(file -> Files.isRegularFile(file) || Files.isDirectory(file))
          .map(file -> "/" + upper.relativize(file))
          .toList();
    }
  }

  /** The namespace with all its mounts ends with its last process. */
  @Override
  public void close() throws Exception {
    holder.destroyForcibly().waitFor();
  }
}
