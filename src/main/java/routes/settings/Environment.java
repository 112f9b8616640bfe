package routes.settings;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Environment variables in UTF-8, whatever the locale. Java decodes them in the locale's encoding,
 * which under C and POSIX is ASCII.
 */
final class Environment {
  private static final Path SELF = Path.of("/proc/self/environ");
  private static final Map<String, String> EXACT = exact(SELF);

  private Environment() {}

  /**
   * @param read the variable as decoded by Java
   */
  static String utf8(String variable, String read) {
    return read.chars().allMatch(c -> c < 0x80) ? read : EXACT.getOrDefault(variable, read);
  }

  /**
   * The variables with characters beyond ASCII.
   *
   * @param environ the file with this process's environment
   */
  static Map<String, String> exact(Path environ) {
    Map<String, String> exact = new HashMap<>();
    for (String variable : bytes(environ).split("\0")) {
      try {
        byte[] bytes = variable.getBytes(ISO_8859_1);
        String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        int equals = text.indexOf('=');
        if (equals > 0 && text.length() < bytes.length) {
          exact.put(text.substring(0, equals), text.substring(equals + 1));
        }
      } catch (CharacterCodingException e) {
        // in another encoding; keep what Java decoded
      }
    }
    return exact;
  }

  /** One character per byte; empty on systems other than Linux. */
  private static String bytes(Path environ) {
    try {
      return Files.isReadable(environ) ? Files.readString(environ, ISO_8859_1) : "";
    } catch (IOException e) {
      return "";
    }
  }
}
