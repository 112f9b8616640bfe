package routes.cloud;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a cloud/.../setup or rollout in its own folder. Stand-ins for the clouds' command lines are
 * on PATH; they record their calls and remember what they created.
 */
final class CloudSetup {
  /**
   * A call of a stand-in: its effect on the cloud (make, drop, look, list, tell, say) and its
   * arguments.
   */
  record Call(String does, String line) {}

  /** The result of a run. */
  record Result(int exit, String out, String err) {
    String all() {
      return out + err;
    }
  }

  private static final Path STAND_INS = Path.of("src/test/resources/cloud").toAbsolutePath();

  private final String cloud;
  private final List<String> options;
  private final Path folder;
  private final Path state;
  private final Path bin;
  private final Path calls;
  private final Map<String, String> environment = new HashMap<>();
  private String answer = "";

  /**
   * @param cloud the folder below cloud/
   * @param root an empty folder; setups with the same folder share a cloud
   */
  CloudSetup(Path root, String cloud, String... options) {
    this(root, root.resolve("files"), cloud, options);
  }

  /**
   * @param folder for the files of the script
   */
  CloudSetup(Path root, Path folder, String cloud, String... options) {
    this.cloud = cloud;
    this.folder = folder;
    state = root.resolve("state");
    bin = root.resolve("bin");
    calls = root.resolve("calls");
    this.options = new ArrayList<>(List.of(options));
    try {
      for (Path each : List.of(folder, state, bin)) {
        Files.createDirectories(each);
      }
      for (String name : List.of("az", "aws", "gcloud", "curl")) {
        Files.copy(
            STAND_INS.resolve(name.equals("curl") ? "curl" : "stand-in"),
            bin.resolve(name),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES);
      }
      if (cloud.equals("clearblade")) {
        Path credentials = root.resolve("credentials.json");
        Files.writeString(
            credentials,
            """
            {
              "systemKey": "systemkey1", "token": "SECRET-1",
              "url": "https://iot.clearblade.com", "project": "my-project"
            }
            """);
        this.options.addAll(List.of("--credentials", credentials.toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Applies to later runs; see src/test/resources/cloud/stand-in. */
  CloudSetup with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** The input when the script asks. */
  CloudSetup answering(String line) {
    answer = line;
    return this;
  }

  Path folder() {
    return folder;
  }

  /** One file per thing in the cloud. */
  Path state() {
    return state;
  }

  Path settings() {
    return folder.resolve("edge-1.env");
  }

  Result create(String... more) {
    return run("create", more);
  }

  Result teardown(String... more) {
    return run("teardown", more);
  }

  /** Runs the script for the device edge-1, unless {@code more} names another. */
  Result run(String verb, String... more) {
    List<String> command = new ArrayList<>(List.of("cloud/" + cloud + "/setup", verb));
    command.addAll(List.of("--device", "edge-1", "--folder", folder.toString()));
    command.addAll(options);
    command.addAll(List.of(more));
    return start(command);
  }

  /** Runs cloud/.../rollout. */
  Result rollout(String... words) {
    List<String> command = new ArrayList<>(List.of("cloud/" + cloud + "/rollout"));
    command.addAll(options);
    command.addAll(List.of(words));
    return start(command);
  }

  /** Runs lines in bash, as if they were pasted. */
  Result paste(String lines) {
    return start(List.of("bash", "-c", lines));
  }

  /** Returns the output of bash; the calls of the last run are kept. */
  String shell(String lines) {
    return execute(List.of("bash", "-c", lines)).out();
  }

  private Result start(List<String> command) {
    try {
      Files.deleteIfExists(state.resolve("made"));
      Files.deleteIfExists(calls);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return execute(command);
  }

  private Result execute(List<String> command) {
    try {
      Path out = Files.createTempFile(bin.getParent(), "out", "");
      Path err = Files.createTempFile(bin.getParent(), "err", "");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.matches("(AWS|AZURE|GOOGLE|CLOUDSDK|PUBSUB|CLEARBLADE)_.*"));
      builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
      builder.environment().put("CLOUD_STATE", state.toString());
      builder.environment().put("CLOUD_CALLS", calls.toString());
      builder.environment().put("CLOUD_COMMANDS", STAND_INS.toString());
      builder.environment().put("SETUP_PAUSE", "0");
      builder.environment().putAll(environment);
      Process process = builder.start();
      try (var input = process.outputWriter()) {
        input.write(answer);
      } catch (IOException e) {
        // it exited without asking
      }
      if (!process.waitFor(100, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " doesn't end");
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The calls of the last run. */
  List<Call> calls() {
    try (Stream<String> lines = Files.exists(calls) ? Files.lines(calls) : Stream.empty()) {
      return lines
          .map(line -> line.split("\t", 2))
          .map(part -> new Call(part[0], part[1]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The calls of the last run that did {@code what} to the cloud. */
  List<String> calls(String what) {
    return calls().stream().filter(call -> call.does().equals(what)).map(Call::line).toList();
  }

  /** The existing things in the cloud. */
  List<String> there() {
    return names(state);
  }

  /** The files that the script wrote. */
  List<String> files() {
    return names(folder);
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("made") || !folder.endsWith("state"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
