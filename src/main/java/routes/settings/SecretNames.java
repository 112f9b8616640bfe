package routes.settings;

import java.util.Set;
import java.util.regex.Pattern;

/** Decides by its name whether a setting is a secret, also one that only a user's route uses. */
final class SecretNames {
  private static final Set<String> KNOWN = KnownSettings.keys();
  private static final Pattern SUSPECT =
      Pattern.compile(
          "(?i).*(pass|pwd|secret|token|credential|key|private|connection-?string|auth|signature"
              + "|\\bsas\\b|jwt|bearer|login|webhook|dsn|seed|\\bpin\\b).*");

  private SecretNames() {}

  /** An unknown setting is a secret if its name suggests it. */
  static boolean matches(String key) {
    boolean known =
        KNOWN.contains(key) || KNOWN.contains(key.replaceFirst("^([a-z]+)-[^.]+", "$1"));
    return Placeholders.isSecret(key) || !known && SUSPECT.matcher(key).matches();
  }
}
