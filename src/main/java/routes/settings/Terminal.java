package routes.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The terminal in which a command was started. */
public final class Terminal {
  private static final Path INPUT = Path.of("/proc/self/fd/0");

  private Terminal() {}

  /** Whether somebody can answer. Since Java 22 there is a console for a pipe or file too. */
  public static boolean isInput() {
    try {
      return System.console() != null
          && (!Files.isSymbolicLink(INPUT)
              || Files.readSymbolicLink(INPUT).toString().matches("/dev/(pts/|tty|console).*"));
    } catch (IOException e) {
      return false;
    }
  }
}
