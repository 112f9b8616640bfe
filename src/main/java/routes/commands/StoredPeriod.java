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
import routes.settings.SettingException;
import routes.settings.Settings;

/** The period that a command has set, kept in the file {@code collect-period} of data.directory. */
final class StoredPeriod {
  private final Path file;

  StoredPeriod(Path directory) {
    this.file = directory.resolve("collect-period");
  }

  static StoredPeriod of(Settings settings) {
    return new StoredPeriod(
        Path.of(settings.require("data.directory", "the folder for what outlives a restart")));
  }

  /**
   * Tries to write where the period is kept, so that a command cannot be the first to fail.
   *
   * @throws SettingException if that is not possible
   */
  void checkFolder() {
    Path folder = file.getParent();
    boolean exists = Files.exists(folder);
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "write", null));
      if (!exists) {
        Files.delete(folder); // until there is something to keep
      }
    } catch (IOException e) {
      throw new SettingException(
          "data.directory",
          folder.toAbsolutePath().normalize()
              + " cannot be written ("
              + e.getClass().getSimpleName()
              + "); fix its permissions or use another folder");
    }
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
