package routes.sandbox;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static routes.sandbox.RuntimeProcess.NO_SETTINGS_FILE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The libraries' classes in a class-data archive of the JVM, made once per build. With it a runtime
 * starts with about half the processor time.
 */
final class LibraryArchive {
  private static final Path FOLDER = Path.of("target/archive");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static Path made;

  private LibraryArchive() {}

  /**
   * The flags that use the archive.
   *
   * @param java the JVM's command
   * @param libraries the jars, in the order of the class path; it must start with them
   * @param classPath the whole class path
   */
  static synchronized List<String> flags(String java, String libraries, String classPath)
      throws IOException {
    if (made == null) {
      made = make(java, libraries, classPath);
    }
    // The JVM would print a warning if a jar has changed since.
    return List.of("-XX:SharedArchiveFile=" + made, "-Xshare:auto", "-Xlog:disable");
  }

  private static Path make(String java, String libraries, String classPath) throws IOException {
    Files.createDirectories(FOLDER);
    String key = Runtime.version() + libraries;
    Path archive = FOLDER.resolve(Integer.toHexString(key.hashCode()) + ".jsa");
    try (FileChannel lock = FileChannel.open(FOLDER.resolve("lock"), CREATE, WRITE)) {
      lock.lock(); // other forks of the test run wait here
      if (!Files.exists(archive)) {
        Path classes = FOLDER.resolve("classes.txt");
        list(java, classPath, classes);
        Path part = FOLDER.resolve("part.jsa");
        dump(java, libraries, classes, part);
        Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return archive;
  }

  /** Lists the classes that a start loads. */
  private static void list(String java, String classPath, Path classes)
      throws IOException, InterruptedException {
    String option = "-XX:DumpLoadedClassList=" + classes;
    Map<String, String> settings =
        Map.of(
            "DEVICE_ID", "edge-1",
            "NATS_SERVERS", "nats://127.0.0.1:1",
            "GATEWAYS", "mqtt",
            "MQTT_URL", "tcp://127.0.0.1:1",
            "DATA_DIRECTORY", FOLDER.resolve("data").toString());
    try (RuntimeProcess runtime =
        RuntimeProcess.startCommand(
            List.of(java, option, NO_SETTINGS_FILE, "-cp", classPath, "routes.EdgeRuntime"),
            settings)) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (runtime.get("/health/live").status() != 200) {
        if (System.nanoTime() > end || !runtime.process().isAlive()) {
          throw new IOException("the runtime did not start: " + runtime.output());
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private static void dump(String java, String libraries, Path classes, Path archive)
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            java,
            "-Xshare:dump",
            "-XX:SharedClassListFile=" + classes,
            "-XX:SharedArchiveFile=" + archive,
            "-cp",
            libraries);
    Path log = FOLDER.resolve("dump.log");
    Process dump =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (dump.waitFor() != 0) {
      throw new IOException("no archive; see " + log);
    }
  }
}
