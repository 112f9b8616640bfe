package routes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import routes.sandbox.Ports;

/**
 * The installed mosquitto on a free port, for one test. The test is skipped if mosquitto is not
 * installed. Stops only the process that it started.
 */
public final class Mosquitto implements BeforeEachCallback, AfterEachCallback, AutoCloseable {
  private final int port = Ports.free();
  private Path program;
  private Path folder;
  private Process process;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    open();
  }

  /** For use without JUnit's extensions. {@link #close()} stops it. */
  public Mosquitto open() throws IOException {
    program =
        Stream.of("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    assumeTrue(program != null, "mosquitto isn't installed: apt-get install mosquitto");
    folder = Files.createTempDirectory("mosquitto");
    return this;
  }

  /** Without configuration lines, anyone can connect over TCP. */
  public Mosquitto start(String... configuration) {
    try {
      Path file = folder.resolve("mosquitto.conf");
      String lines = String.join("\n", configuration);
      if (!lines.contains("allow_anonymous")) {
        lines += "\nallow_anonymous true";
      }
      Files.writeString(
          file,
          "per_listener_settings false\nlistener "
              + port
              + " 127.0.0.1\n"
              + "set_tcp_nodelay true\nuser root\n"
              + lines
              + "\n");
      process =
          new ProcessBuilder(program.toString(), "-c", file.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Awaitility.await("mosquitto to listen: " + folder.resolve("log"))
        .atMost(Duration.ofSeconds(60))
        .until(this::listens);
    return this;
  }

  /** Starts it again after {@link #kill}. */
  public void restart() {
    try {
      process =
          new ProcessBuilder(program.toString(), "-c", folder.resolve("mosquitto.conf").toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Configuration lines for a user and password. */
  public String[] password(String user, String password) {
    try {
      Path file = folder.resolve("passwords");
      Path tool =
          Stream.of("/usr/bin/mosquitto_passwd", "/usr/local/bin/mosquitto_passwd")
              .map(Path::of)
              .filter(Files::isExecutable)
              .findFirst()
              .orElse(null);
      assumeTrue(tool != null, "mosquitto_passwd isn't installed: apt-get install mosquitto");
      new ProcessBuilder(tool.toString(), "-c", "-b", file.toString(), user, password)
          .start()
          .waitFor(60, TimeUnit.SECONDS);
      return new String[] {"allow_anonymous false", "password_file " + file};
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Configuration lines that let the device publish only to these topics. */
  public String[] permit(String... topics) {
    try {
      Path file = folder.resolve("acl");
      Files.writeString(file, "topic write " + String.join("\ntopic write ", topics) + "\n");
      return new String[] {"acl_file " + file};
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes the running broker reload its files. */
  public void reload() {
    signal("HUP");
  }

  public int port() {
    return port;
  }

  public String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return "";
    }
  }

  /** Kills the broker with SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Freezes the broker, with its connections open. */
  public void freeze() {
    signal("STOP");
  }

  public void thaw() {
    signal("CONT");
  }

  /** For the cleanup of a test that failed in between. */
  public void thawIfFrozen() {
    if (process != null && process.isAlive()) {
      thaw();
    }
  }

  private void signal(String name) {
    try {
      new ProcessBuilder(List.of("kill", "-" + name, String.valueOf(process.pid())))
          .start()
          .waitFor(60, TimeUnit.SECONDS);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    close();
  }

  @Override
  public void close() throws IOException {
    if (process != null) {
      kill();
    }
    if (folder != null) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }
}
