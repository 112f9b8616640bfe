package routes.uplink;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Optional;
import routes.settings.AtomicFile;
import routes.settings.SettingException;

/**
 * The file {@code identity-<gateway>} in {@code data.directory}, readable by its owner only. It is
 * replaced as a whole: after a crash it contains the new identity, the previous one, or does not
 * exist.
 */
public final class IdentityFile {
  private static final int LARGEST = 64 * 1024;
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final Path path;
  private final Path fresh;

  private IdentityFile(Path path) {
    this.path = path;
    this.fresh = path.resolveSibling(path.getFileName() + ".new");
  }

  /** The file of a gateway; it need not exist. */
  public static IdentityFile of(GatewaySettings settings) {
    String folder = settings.all().require("data.directory", "a folder for the identity");
    return new IdentityFile(Path.of(folder, "identity-" + settings.name()));
  }

  public Path path() {
    return path.toAbsolutePath().normalize();
  }

  public boolean exists() {
    return Files.exists(path);
  }

  /** The stored identity; empty if there is none, or if the file is damaged. */
  public Optional<Identity> read() {
    if (!exists()) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(path)) {
      return Identity.parse(new String(in.readNBytes(LARGEST), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SettingException(
          "data.directory", path() + " cannot be read; it must be a file that this user may read");
    }
  }

  /**
   * Checks that the file can be written, before a cloud is asked for an identity.
   *
   * @throws SettingException if it cannot
   */
  void check() {
    try {
      Files.createDirectories(path.getParent());
      Files.deleteIfExists(fresh); // of an interrupted write
      Files.createFile(fresh, mode());
      Files.delete(fresh);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /** Nobody else can read the file from the start. */
  private static FileAttribute<?>[] mode() {
    return POSIX
        ? new FileAttribute<?>[] {asFileAttribute(fromString("rw-------"))}
        : new FileAttribute<?>[0];
  }

  /**
   * Stores the identity; it survives a power cut once this method has returned.
   *
   * @throws SettingException if it cannot be written
   */
  void write(Identity identity) {
    try {
      AtomicFile.write(path, identity.text().getBytes(StandardCharsets.UTF_8), mode());
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private SettingException unwritable(IOException why) {
    return new SettingException(
        "data.directory",
        path().getParent()
            + " cannot be written ("
            + why.getClass().getSimpleName()
            + "); fix its permissions or use another folder");
  }
}
