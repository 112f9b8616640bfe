package routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the limit for open files. Each jar is an open file, so a low limit would abort the start
 * with a missing class. Uses only the JDK for the same reason.
 */
final class OpenFiles {
  private static final int LEAST = 256;
  private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files +(\\d{1,9}) ");

  private OpenFiles() {}

  /**
   * The problem with the limit, in one line.
   *
   * @param limits /proc/self/limits; may be absent
   */
  static Optional<String> problem(Path limits) {
    try {
      Matcher limit = LIMIT.matcher(Files.isReadable(limits) ? Files.readString(limits) : "");
      return limit.find() && Integer.parseInt(limit.group(1)) < LEAST
          ? Optional.of(
              "the open file limit is "
                  + limit.group(1)
                  + ", but must be at least "
                  + LEAST
                  + "; use ulimit -n 1024, or LimitNOFILE=1024 in a systemd unit")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
