package routes.settings;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name of this host. */
public final class HostName {
  private HostName() {}

  /**
   * Returns the host name. The kernel's is preferred, because a name server may keep Java waiting
   * for seconds. In a container, the kernel does not know the host's name.
   *
   * @param root the host's root file system
   */
  public static String of(Path root) {
    try {
      Path file = root.resolve("etc/hostname");
      if (root.getNameCount() > 0 && Files.isReadable(file)) {
        return Files.readString(file).strip();
      }
      Path kernel = Path.of("/proc/sys/kernel/hostname");
      String windows = System.getenv("COMPUTERNAME");
      if (Files.isReadable(kernel)) {
        return Files.readString(kernel).strip();
      }
      return windows != null ? windows : InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
