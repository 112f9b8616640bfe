package routes;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import routes.sandbox.Ports;

/**
 * A real nats-server with JetStream, on a free port and with its own data. As a static field marked
 * {@code @RegisterExtension} it runs during a test class, as an instance field during a method. It
 * can be killed, frozen, wiped and restarted with the same port and data.
 *
 * <pre>{@code
 * @RegisterExtension static final NatsServer NATS = new NatsServer();
 * }</pre>
 */
public final class NatsServer
    implements BeforeAllCallback,
        AfterAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static String found;

  private final List<String> arguments;
  private final List<Connection> connections = new ArrayList<>();
  private final Thread end = new Thread(this::end);
  private boolean away;
  private boolean whole;
  private Path folder;
  private Path configuration;
  private int port;
  private Process process;
  private Connection shared;

  /**
   * @param arguments for nats-server in addition to port and JetStream, such as {@code --user x}
   */
  public NatsServer(String... arguments) {
    this.arguments = List.of(arguments);
  }

  /** Reserves a port; the test itself starts the server. */
  public NatsServer awayAtFirst() {
    away = true;
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    whole = true;
    open();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (!whole) {
      open();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (!whole) {
      close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  /** For use without JUnit. {@link #close()} stops it. */
  public NatsServer open() {
    try {
      folder = Files.createTempDirectory("nats-");
      configuration = Files.createFile(folder.resolve("nats.conf"));
      port = Ports.free();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(end);
    if (!away) {
      start();
    }
    return this;
  }

  @Override
  public void close() {
    connections.forEach(NatsServer::close);
    connections.clear();
    shared = null;
    end();
    Runtime.getRuntime().removeShutdownHook(end);
  }

  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** The folder of its streams. */
  public Path data() {
    return folder.resolve("data");
  }

  /** What the server has logged so far. */
  public String log() {
    try {
      return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces the configuration file, which is empty by default. The next start reads it. */
  public void configure(String text) {
    try {
      Files.writeString(configuration, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it with the same port and data, and returns when it answers. */
  public void start() {
    List<String> command = new ArrayList<>();
    command.add(binary());
    command.addAll(List.of("-c", configuration.toString()));
    command.addAll(List.of("-a", "127.0.0.1", "-p", Integer.toString(port)));
    command.addAll(arguments);
    if (!arguments.contains("--without-jetstream")) {
      command.addAll(List.of("-js", "-sd", folder.resolve("data").toString()));
    }
    command.remove("--without-jetstream");
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await("nats-server answers")
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(20))
        .atMost(PATIENCE)
        .until(this::answers);
  }

  private boolean answers() throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException("nats-server ended: " + log());
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
      socket.setSoTimeout(500);
      return socket.getInputStream().read() == 'I'; // INFO {...}
    } catch (IOException e) {
      return false;
    }
  }

  /** Sends SIGKILL, so it cannot write anything. */
  public synchronized void kill() {
    shared = null; // may not have noticed yet
    end(process.destroyForcibly());
  }

  /** Sends SIGTERM. */
  public synchronized void stop() {
    shared = null;
    process.destroy();
    end(process);
  }

  /** Deletes its data. It must not be running. */
  public void wipe() {
    delete(folder.resolve("data"));
  }

  /** Sends SIGSTOP: it keeps its connections but sends nothing. */
  public void pause() {
    signal("STOP");
  }

  /** Sends SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  /** The test's connection, which is closed with the server. */
  public synchronized Connection connection() {
    if (shared == null || shared.getStatus() != Connection.Status.CONNECTED) {
      shared = connection(new Options.Builder());
    }
    return shared;
  }

  /** Another connection, with options such as a login. */
  public Connection connection(Options.Builder options) {
    try {
      Connection connection =
          Nats.connect(
              options
                  .server(url())
                  .connectionTimeout(Duration.ofSeconds(10))
                  .maxReconnects(-1)
                  .reconnectWait(Duration.ofMillis(50))
                  .reconnectJitter(Duration.ofMillis(50))
                  .errorListener(new Silent())
                  .build());
      connections.add(connection);
      return connection;
    } catch (IOException e) {
      String state = process == null ? "not started" : process.isAlive() ? "alive" : "ended";
      throw new UncheckedIOException(
          e.getMessage() + "; the server is " + state + ":\n" + log(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static final class Silent implements io.nats.client.ErrorListener {}

  /** The path of the nats-server that tools/nats-server finds. */
  public static synchronized String binary() {
    if (found == null) {
      found = find();
    }
    return found;
  }

  private static String find() {
    try {
      Process finder =
          new ProcessBuilder("tools/nats-server")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String path =
          new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (finder.waitFor() != 0 || path.isEmpty()) {
        throw new IllegalStateException("tools/nats-server found no nats-server");
      }
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end() {
    if (process != null) {
      end(process.destroyForcibly());
      process = null;
    }
    delete(folder);
  }

  private static void end(Process ending) {
    try {
      if (!ending.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        ending.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
