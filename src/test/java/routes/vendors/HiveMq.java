package routes.vendors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import routes.sandbox.Ports;

/** HiveMQ Community Edition as a process, with its state on disk and a fixed port. */
final class HiveMq implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      <hivemq>
        <listeners>
          <tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener>
        </listeners>
        <mqtt>
          <queued-messages><max-queue-size>100000</max-queue-size></queued-messages>
        </mqtt>
        <persistence><mode>file</mode></persistence>
        <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
      </hivemq>
      """;

  private final int port = Ports.free();
  private final Path lib;
  private final Path folder;
  private VendorProcess process;

  HiveMq(Path folder) throws IOException {
    this.folder = folder;
    lib = VendorPackages.hiveMq();
    Files.createDirectories(folder.resolve("data"));
    Files.createDirectories(folder.resolve("extensions"));
    Files.writeString(folder.resolve("config.xml"), CONFIGURATION.formatted(port));
  }

  int port() {
    return port;
  }

  /** Returns when it listens. */
  HiveMq start() {
    try {
      process =
          VendorPackages.start(
              Map.of(),
              System.getProperty("java.home") + "/bin/java",
              "-Xmx256m",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              lib.resolve("*"),
              VendorPackages.SCRIPTS.resolve("hivemq/HiveMq.java"),
              folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process.awaitLine("ready");
    return this;
  }

  /** The messages that it received and acknowledged, in Mosquitto's wording. */
  String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL. */
  void kill() {
    process.close();
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }
}
