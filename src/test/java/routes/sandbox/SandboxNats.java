package routes.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The nats-server of {@code ./run}, on loopback. It can be killed and restarted. */
public final class SandboxNats implements AutoCloseable {
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final int port = Ports.freeOr(4222);
  private final List<String> command = new ArrayList<>();
  private final Path log;
  private Process process;
  private boolean closed;
  private volatile boolean expected;

  /**
   * @param directory for its data and its log
   */
  public SandboxNats(String binary, Path directory) {
    if (Files.isExecutable(SETSID)) {
      // In its own session, so that Ctrl-C stops the runtime first, which still needs NATS.
      command.add(SETSID.toString());
    }
    command.addAll(List.of(binary, "-a", "127.0.0.1"));
    command.addAll(List.of("-p", "" + port, "-js", "-sd", directory.resolve("nats").toString()));
    log = directory.resolve("nats.log");
  }

  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** Starts it, with its earlier data; does nothing after {@link #close()}. */
  public synchronized void start() {
    if (closed) {
      return;
    }
    expected = false;
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    try {
      process = builder.redirectOutput(Redirect.appendTo(log.toFile())).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process.onExit().thenAccept(this::ended);
  }

  private void ended(Process ended) {
    if (!expected) {
      System.out.println(
          "./run: nats-server stopped with exit code "
              + ended.exitValue()
              + " (see "
              + log
              + "); telemetry cannot be stored until you restart ./run");
    }
  }

  /** Sends SIGKILL. */
  synchronized void kill() {
    expected = true;
    process.destroyForcibly().onExit().join();
  }

  @Override
  public synchronized void close() {
    closed = true;
    expected = true;
    process.destroy();
    if (process.onExit().completeOnTimeout(null, 60, TimeUnit.SECONDS).join() == null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
