package routes.host;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Properties;
import oshi.software.os.OperatingSystem;

/** An operating system's name and version, such as Debian GNU/Linux and 12. */
record Release(String family, String version) {
  static Release of(OperatingSystem system) {
    return new Release(system.getFamily(), system.getVersionInfo().getVersion());
  }

  /**
   * @param file /etc/os-release
   */
  static Release read(Path file) {
    Properties release = new Properties();
    try (Reader reader = new StringReader(KernelFile.text(file))) {
      release.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Release(value(release, "NAME"), value(release, "VERSION_ID"));
  }

  private static String value(Properties release, String key) {
    return release.getProperty(key, "").replaceAll("^[\"']|[\"']$", "");
  }
}
