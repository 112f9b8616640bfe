package routes.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import routes.sandbox.RuntimeProcess;

/** The files that {@code tools/image} has laid out in a folder, run without a container. */
public final class Layout {
  private final Path folder;

  public Layout(Path folder) {
    this.folder = folder;
  }

  /** Finds a JDK 25 on this machine: the current one, JAVA_HOME or one below /usr/lib/jvm. */
  static Optional<Path> jdk25() throws IOException {
    List<Path> homes = new ArrayList<>();
    Stream.of(System.getProperty("java.home"), System.getenv("JAVA_HOME"))
        .filter(Objects::nonNull)
        .map(Path::of)
        .forEach(homes::add);
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> folders = Files.list(installed)) {
        folders.forEach(homes::add);
      }
    }
    return homes.stream().filter(Layout::isJdk25).findFirst();
  }

  private static boolean isJdk25(Path home) {
    try {
      return Files.isExecutable(home.resolve("bin/jlink"))
          && Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"25");
    } catch (IOException e) {
      return false;
    }
  }

  /** Starts the runtime like the image's entry point. */
  public RuntimeProcess start(Map<String, String> settings, List<String> options, String... words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(folder.resolve("java/bin/java").toString());
    command.add("@" + folder.resolve("app/jvm.options"));
    command.addAll(options);
    command.addAll(List.of("-jar", folder.resolve("app/cloud-iot-routes.jar").toString()));
    command.addAll(List.of(words));
    return RuntimeProcess.startCommand(command, settings);
  }

  /** A path in the layout, such as java or app/lib. */
  public Path path(String name) {
    return folder.resolve(name);
  }

  /** Bytes of all files in a file or folder of the layout. */
  public long size(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      return files.filter(Files::isRegularFile).mapToLong(Layout::length).sum();
    }
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
