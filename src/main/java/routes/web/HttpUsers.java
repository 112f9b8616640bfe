package routes.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The users who may read the HTTP port: the lines {@code NAME:HASH} of the file in {@code
 * http.users}, which the subcommand {@code password} creates. The file is read at startup.
 */
final class HttpUsers {
  static final String KEY = "http.users";

  private static final int LARGEST = 64 * 1024;

  /** Verifying an unknown user's password must take as long as a known user's. */
  private final PasswordHash nobody =
      new PasswordHash(PasswordHash.ITERATIONS, new byte[16], new byte[32]);

  private final Map<String, PasswordHash> users = new HashMap<>();

  private HttpUsers() {}

  /**
   * Empty if the setting is.
   *
   * @throws SettingException for a file without users, or with an invalid line
   */
  static Optional<HttpUsers> of(Settings settings) {
    return settings.file(KEY).map(HttpUsers::read);
  }

  private static HttpUsers read(Path path) {
    HttpUsers users = new HttpUsers();
    int number = 0;
    for (String line : lines(path)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        int colon = line.indexOf(':');
        Optional<PasswordHash> hash =
            colon < 1 ? Optional.empty() : PasswordHash.parse(line.substring(colon + 1).strip());
        if (hash.isEmpty()) { // never the line, which may hold a password
          throw wrong(
              path,
              "line " + number + " is not NAME:HASH; create it with the subcommand password NAME");
        }
        if (users.users.put(line.substring(0, colon), hash.get()) != null) {
          throw wrong(path, "line " + number + " repeats a user; remove one line");
        }
      }
    }
    if (users.users.isEmpty()) {
      throw wrong(path, "contains no user; add one with the subcommand password NAME");
    }
    return users;
  }

  private static List<String> lines(Path path) {
    try {
      if (Files.size(path) <= LARGEST) {
        return Files.readAllLines(path, StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw wrong(path, "cannot be read; it must be a text file in UTF-8 that this user may read");
    }
    throw wrong(path, "is larger than 64 KB");
  }

  private static SettingException wrong(Path path, String problem) {
    return new SettingException(KEY, path.toAbsolutePath() + " " + problem);
  }

  /** Whether the password is the user's. Takes about half a second. */
  boolean verify(String name, String password) {
    PasswordHash hash = users.get(name);
    return (hash == null ? nobody : hash).matches(password) && hash != null;
  }
}
