package routes.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Environment variables in UTF-8. In the locale C, which containers have, Java reads them as ASCII
 * and replaces every other character.
 */
final class Environment {
  private static final char REPLACED = '\uFFFD';
  private static final Path OWN = Path.of("/proc/self/environ");

  private Environment() {}

  /**
   * @param read what Java made of the variable
   */
  static String utf8(String variable, String read) {
    if (read.indexOf(REPLACED) < 0) {
      return read;
    }
    try {
      String all = new String(Files.readAllBytes(OWN), StandardCharsets.UTF_8);
      for (String entry : all.split("\0")) {
        if (entry.startsWith(variable + "=")) {
          return entry.substring(variable.length() + 1);
        }
      }
    } catch (IOException e) {
      // not Linux
    }
    return read;
  }
}
