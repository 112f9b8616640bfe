package routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Copies of routes-yaml that tests edit and extend. */
public final class RoutesYaml {
  private RoutesYaml() {}

  /**
   * @param directory an existing folder
   * @return the directory
   */
  public static Path copyTo(Path directory) throws IOException {
    return copyTo(directory, ".*");
  }

  /**
   * @param names a regular expression for the file names
   */
  static Path copyTo(Path directory, String names) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("routes-yaml"))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches(names)) {
          Files.copy(file, directory.resolve(file.getFileName()));
        }
      }
    }
    return directory;
  }
}
