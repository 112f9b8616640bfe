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
 * @param allow the permitted names; {@code *} permits all
 * @param timeout how long a command may take, 1 s to 5 min, which is how long Azure waits
 * @param httpUrl the target of commands instead of NATS, without a trailing slash
 */
record CommandSettings(Set<String> allow, Duration timeout, Optional<URI> httpUrl) {
  static final String ALLOW = "commands.allow";
  static final String ANY = "*";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /**
   * @throws SettingException for the first invalid setting
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
    Set<String> names = Set.copyOf(settings.list(ALLOW));
    for (String name : names) {
      if (!name.equals(ANY) && !isName(name)) {
        throw new SettingException(
            ALLOW,
            "\"" + name + "\" is not a name; use 1 to 64 letters, digits, '-' and '_', or *");
      }
    }
    return names;
  }

  private static Duration timeout(Settings settings) {
    Duration timeout = settings.duration("commands.timeout");
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(LONGEST) > 0) {
      throw new SettingException("commands.timeout", "must be between 1s and 5m");
    }
    return timeout;
  }

  private static Optional<URI> httpUrl(Settings settings) {
    return settings.find("commands.http-url").map(CommandSettings::httpUrl);
  }

  /** Errors do not quote the URL, because it may contain a password by mistake. */
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
          "commands.http-url", "must not have user, password, '?' or '#'; use only host and path");
    }
    return url;
  }

  private static SettingException malformed() {
    return new SettingException(
        "commands.http-url", "must be a URL such as http://127.0.0.1:9000/commands");
  }
}
