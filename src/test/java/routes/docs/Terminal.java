package routes.docs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import routes.settings.KnownSettings;

/** A bash that runs commands in a folder, without the settings of this process. */
final class Terminal implements AutoCloseable {
  /** A failing command ends the block. curl fails on an HTTP error, mvn always. */
  private static final String PREAMBLE =
      """
      set -e -o pipefail
      curl() { command curl --fail "$@"; }
      mvn() { echo "a documented command must not start a build" >&2; return 1; }
      export -f mvn
      """;

  private final Process process;
  private final Thread reader;
  private final List<String> output = new CopyOnWriteArrayList<>();

  private Terminal(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "terminal-output");
    reader.setDaemon(true);
    reader.start();
  }

  static Terminal start(Path folder, Map<String, String> environment, String commands)
      throws IOException {
    Path script = Files.createTempFile(folder, "block", ".sh");
    Files.writeString(script, PREAMBLE + commands);
    ProcessBuilder builder =
        new ProcessBuilder("bash", script.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    KnownSettings.packaged()
        .stringPropertyNames()
        .forEach(key -> builder.environment().remove(DocumentedSettings.variable(key)));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return new Terminal(builder.start());
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      // it has ended
    }
  }

  List<String> output() {
    return output;
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** The exit code, or -1 if it takes longer. */
  int exit(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      return -1;
    }
    reader.join(TimeUnit.SECONDS.toMillis(5));
    return process.exitValue();
  }

  /** Sends SIGTERM to it and its children, then SIGKILL to those that remain. */
  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>();
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      descendants.forEach(all::add);
    }
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroy);
    CompletableFuture<?>[] ends =
        all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(ends).completeOnTimeout(null, 20, TimeUnit.SECONDS).join();
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
