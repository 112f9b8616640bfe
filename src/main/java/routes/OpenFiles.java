package routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The limit of open files. Each library is one, so that with too few the start would end in the
 * middle, with a class that is not found. Uses nothing but the JDK, for the same reason.
 */
final class OpenFiles {
  private static final int LEAST = 256;
  private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files +(\\d{1,9}) ");

  private OpenFiles() {}

  /**
   * What is wrong with the limit, in one line.
   *
   * @param limits /proc/self/limits, or any file that is absent
   */
  static Optional<String> problem(Path limits) {
    try {
      Matcher limit = LIMIT.matcher(Files.isReadable(limits) ? Files.readString(limits) : "");
      return limit.find() && Integer.parseInt(limit.group(1)) < LEAST
          ? Optional.of(
              "this process may open "
                  + limit.group(1)
                  + " files, and needs "
                  + LEAST
                  + ": use ulimit -n 1024, or LimitNOFILE=1024 in a systemd unit")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
