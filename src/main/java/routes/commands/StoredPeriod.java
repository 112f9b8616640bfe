package routes.commands;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import routes.settings.AtomicFile;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The period set by a command, stored in the file {@code collect-period} in data.directory. */
final class StoredPeriod {
  private final Path file;

  StoredPeriod(Path directory) {
    this.file = directory.resolve("collect-period");
  }

  static StoredPeriod of(Settings settings) {
    return new StoredPeriod(
        Path.of(settings.require("data.directory", "the folder for data that survives restarts")));
  }

  /**
   * Checks that the folder is writable, so that the first failure is not a command's.
   *
   * @throws SettingException if the folder is not writable
   */
  void checkFolder() {
    Path folder = file.getParent().toAbsolutePath();
    // The folder itself is created when there is something to store.
    Path existing = folder;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      Files.delete(Files.createTempFile(existing, "write", null));
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
   * @return empty if there is none
   * @throws IOException if the file cannot be read or contains no period
   */
  Optional<Duration> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(64), StandardCharsets.UTF_8).strip();
      return Optional.of(
          Period.parse(text).orElseThrow(() -> new IOException("it contains no time such as 5s")));
    }
  }

  /** After a power cut the file contains either the new period or the previous one. */
  void write(Duration period) throws IOException {
    AtomicFile.write(file, (Period.text(period) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
