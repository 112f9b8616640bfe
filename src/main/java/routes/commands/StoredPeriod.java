package routes.commands;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import routes.settings.Settings;

/**
 * The period that a command has set, kept in the file {@code collect-period} of data.directory; the
 * folder is made when there is something to keep.
 */
final class StoredPeriod {
  private final Path file;

  StoredPeriod(Path directory) {
    this.file = directory.resolve("collect-period");
  }

  static StoredPeriod of(Settings settings) {
    return new StoredPeriod(
        Path.of(settings.require("data.directory", "the folder for what outlives a restart")));
  }

  Path file() {
    return file;
  }

  /**
   * @return empty when there is none
   * @throws IOException if the file can't be read, or holds no period
   */
  Optional<Duration> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(64), StandardCharsets.UTF_8).strip();
      return Optional.of(
          Period.parse(text).orElseThrow(() -> new IOException("it holds no time such as 5s")));
    }
  }

  /** After a power cut the file holds the new period or the one before. */
  void write(Duration period) throws IOException {
    Files.createDirectories(file.getParent());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(
        fresh,
        Period.text(period) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE,
        StandardOpenOption.SYNC);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
