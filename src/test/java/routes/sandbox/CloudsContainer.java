package routes.sandbox;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Runs the stand-in clouds without NATS and the runtime; the image's target {@code sandbox} starts
 * it. The clouds listen on all addresses of the container under the name {@code SANDBOX_HOST}, on
 * their usual ports; the console listens on {@value #CONSOLE}. {@code SANDBOX_DIRECTORY} receives
 * one file per setting of the runtime, with its value or the content of the file that it names.
 * {@code DEVICE_ID} is the device that may connect.
 */
final class CloudsContainer {
  private static final int CONSOLE = 8886;

  private CloudsContainer() {}

  public static void main(String... args) throws IOException {
    Map<String, String> environment = System.getenv();
    Path directory = Path.of(environment.getOrDefault("SANDBOX_DIRECTORY", "/sandbox"));
    Files.createDirectories(directory);
    Files.deleteIfExists(directory.resolve("ready"));
    SandboxClouds clouds =
        new SandboxClouds(
            directory,
            environment.getOrDefault("DEVICE_ID", "edge-1"),
            environment.getOrDefault("SANDBOX_HOST", "sandbox"),
            new InetSocketAddress("0.0.0.0", CONSOLE));
    Runtime.getRuntime().addShutdownHook(new Thread(clouds::close, "sandbox-stop"));
    for (Map.Entry<String, String> setting : clouds.settings().entrySet()) {
      write(directory.resolve(setting.getKey()), setting.getValue());
    }
    Files.writeString(directory.resolve("ready"), "");
  }

  /** Writes atomically, since a runtime may be reading the file. */
  private static void write(Path file, String value) throws IOException {
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    Path source = Path.of(value);
    if (source.isAbsolute() && Files.isRegularFile(source)) {
      Files.copy(source, whole, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.writeString(whole, value);
    }
    Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
