package routes.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hides secrets in texts that leave the device: the values of the settings that are secrets, and
 * what looks like a credential, such as a signature, a JWT, a key in PEM or a password in a URL.
 */
public final class Redaction {
  public static final String HIDDEN = "***";

  /** A shorter value would be found inside ordinary words. */
  private static final int SHORTEST = 4;

  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s/?#]+(?=@)");

  /** In each pattern, group 1 stays. */
  private static final List<Pattern> CREDENTIALS =
      List.of(
          Pattern.compile(
              "()-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\\z)", Pattern.DOTALL),
          Pattern.compile("()\\beyJ[\\w-]{8,}(?:\\.[\\w-]+)*"),
          Pattern.compile("(?i)\\b((?:bearer|basic) +)[\\w+/=.~-]{8,}"),
          Pattern.compile(
              "(?i)((?:\\b|[-_.])(?:pass(?:word|phrase|wd)?|pwd|secret|token|sig|signature"
                  + "|shared-?access-?key|access-?key|api-?key|seed)[\"']?\\s*[=:]\\s*[\"']?)"
                  + "[^\\s\"',;&]+"));

  private final List<String> secrets;

  private Redaction(List<String> secrets) {
    this.secrets = secrets;
  }

  /**
   * Reads the secrets among these settings now.
   *
   * @param keys of settings in addition to those of application.properties and the settings file
   */
  public static Redaction of(Settings settings, Collection<String> keys) {
    TreeSet<String> found =
        new TreeSet<>(
            Comparator.comparingInt(String::length).reversed().thenComparing(order -> order));
    for (String key : settings.keys(keys)) {
      if (SecretNames.matches(key)) {
        secret(settings, key).forEach(found::add);
      }
    }
    found.removeIf(text -> text.length() < SHORTEST);
    return new Redaction(List.copyOf(found)); // the longest first, because it may contain others
  }

  private static List<String> secret(Settings settings, String key) {
    String value;
    try {
      value = settings.find(key).orElse("");
    } catch (SettingException e) {
      return List.of(); // its file cannot be read any more
    }
    List<String> parts = new ArrayList<>();
    Matcher user = USER_INFO.matcher(value);
    while (user.find()) {
      parts.add(user.group());
      parts.add(user.group().replaceFirst(".*:", ""));
    }
    Matcher key64 = Pattern.compile("SharedAccess(?:Key|Signature)=([^;]+)").matcher(value);
    while (key64.find()) {
      parts.add(key64.group(1));
    }
    if (!key.equals("nats.servers")) {
      parts.add(value.strip());
    }
    return parts;
  }

  /** The text with {@value #HIDDEN} in place of each secret. */
  public String apply(String text) {
    String shown = text;
    for (String secret : secrets) {
      shown = shown.replace(secret, HIDDEN);
    }
    return patterns(shown);
  }

  /** Hides only what looks like a credential. */
  static String patterns(String text) {
    String shown = USER_INFO.matcher(text).replaceAll(HIDDEN);
    for (Pattern credential : CREDENTIALS) {
      shown = credential.matcher(shown).replaceAll("$1" + Matcher.quoteReplacement(HIDDEN));
    }
    return shown;
  }
}
