package routes.bundles;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** How the commands {@code check} and {@code test} run on a bundle. */
public interface CheckRun {
  /**
   * The end of a command.
   *
   * @param lines what it printed
   */
  record Outcome(int exitCode, List<String> lines) {}

  /**
   * @param folder for temporary files
   * @param settings the bundle's settings
   * @param words the command and its argument
   * @throws IOException if this device cannot run the command now
   */
  Outcome run(Path folder, Map<String, String> settings, String... words)
      throws IOException, InterruptedException;
}
