package routes.settings;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;

/**
 * Resolves a relative folder in a setting: in the working directory if it exists there, or else
 * beside the jar, so that the runtime can be started from anywhere.
 */
final class Folders {
  private Folders() {}

  /** The folder, which may not exist yet. */
  static Path find(Path named) {
    return find(named, Path.of(""), jar());
  }

  static Path find(Path named, Path working, Optional<Path> jar) {
    return named.isAbsolute() || Files.exists(working.resolve(named))
        ? named
        : jar.map(file -> file.resolveSibling(named)).orElse(named);
  }

  /** Empty if the classes are not in a jar; those compiled by camel-jbang have no location. */
  private static Optional<Path> jar() {
    CodeSource source = Folders.class.getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    try {
      return location == null || !"file".equals(location.getProtocol())
          ? Optional.empty()
          : Optional.of(Path.of(location.toURI())).filter(Files::isRegularFile);
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
