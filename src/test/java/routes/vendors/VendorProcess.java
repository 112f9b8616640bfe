package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A vendor's client as a process. */
public final class VendorProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(200);

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Thread reader = new Thread(this::read, "vendor");

  VendorProcess(Process process) {
    this.process = process;
    reader.start();
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // it was stopped
    }
  }

  Process process() {
    return process;
  }

  List<String> lines() {
    return lines;
  }

  /** Waits until it prints a line. */
  public VendorProcess awaitLine(String line) {
    Awaitility.await().atMost(PATIENCE).until(() -> lines.contains(line) || !process.isAlive());
    assertThat(lines).contains(line);
    return this;
  }

  /** Sends a line, so that it continues. */
  void proceed() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  /** Waits until it has ended successfully, and returns its output. */
  public List<String> awaitSuccess() throws InterruptedException {
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    reader.join(1_000);
    assertThat(ended && process.exitValue() == 0).as(String.join("\n", lines)).isTrue();
    return lines;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
