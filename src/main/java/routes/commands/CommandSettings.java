package routes.commands;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The settings of commands.
 *
 * @param allow names that pass, or {@code *} among them: then all do
 * @param timeout how long a command may take, from 1 s to 5 min: Azure waits no longer for an
 *     answer
 * @param httpUrl where commands go instead of NATS, without a slash at its end
 */
record CommandSettings(Set<String> allow, Duration timeout, Optional<URI> httpUrl) {
  static final String ANY = "*";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /**
   * @throws SettingException for the first setting that is wrong
   */
  static CommandSettings read(Settings settings) {
    return new CommandSettings(allow(settings), timeout(settings), httpUrl(settings));
  }

  static boolean isName(String name) {
    return name != null && NAME.matcher(name).matches();
  }

  boolean allows(String name) {
    return allow.contains(name) || allow.contains(ANY);
  }

  private static Set<String> allow(Settings settings) {
    Set<String> names = Set.copyOf(settings.list("commands.allow"));
    for (String name : names) {
      if (!name.equals(ANY) && !isName(name)) {
        throw new SettingException(
            "commands.allow",
            "\"" + name + "\" should be 1 to 64 letters, digits, '-' and '_', or * for all");
      }
    }
    return names;
  }

  private static Duration timeout(Settings settings) {
    Duration timeout = settings.duration("commands.timeout");
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(LONGEST) > 0) {
      throw new SettingException("commands.timeout", "should be from 1s to 5m");
    }
    return timeout;
  }

  private static Optional<URI> httpUrl(Settings settings) {
    return settings.find("commands.http-url").map(CommandSettings::httpUrl);
  }

  /** The text isn't repeated in errors: it may hold a password where none belongs. */
  private static URI httpUrl(String text) {
    URI url;
    try {
      url = URI.create(text.replaceFirst("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
    boolean http = "http".equalsIgnoreCase(url.getScheme());
    if (!http && !"https".equalsIgnoreCase(url.getScheme())
        || url.getHost() == null
        || url.getPort() > 65_535) {
      throw malformed();
    }
    if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new SettingException(
          "commands.http-url", "should have no user, password, '?' or '#': give host and path");
    }
    return url;
  }

  private static SettingException malformed() {
    return new SettingException(
        "commands.http-url", "should be an address such as http://127.0.0.1:9000/commands");
  }
}
