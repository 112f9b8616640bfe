package routes.settings;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.DefaultPropertiesParser;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.component.properties.PropertiesLookup;

/**
 * Resolves placeholders such as {@code {{device.id}}}. Camel treats every double brace in a value
 * as one; here a value may contain any characters: secrets and file contents are literal, and in
 * other values only the names of settings are placeholders.
 *
 * <p>Also stores the values that override file and environment, because the environment overrides
 * Camel's own overrides.
 */
public final class Placeholders extends DefaultPropertiesParser {
  /** Keys whose values are or contain secrets. */
  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|passphrase|secret|token|api-key|group-key|device-key|connection-string)|nats\\.servers");

  private static final Pattern REFERENCE = Pattern.compile("\\{\\{\\??([^{}]+)}}");

  // Unicode noncharacters replace literal braces and their escapes while Camel parses.
  private static final char OPEN = '\uFDD0';
  private static final char CLOSE = '\uFDD1';
  private static final String ESCAPED = "\uFDD2";

  private final Map<String, String> overrides = new ConcurrentHashMap<>();

  private Placeholders(PropertiesComponent properties) {
    super(properties);
  }

  /** The context's parser, installed on the first call. */
  static Placeholders of(CamelContext context) {
    PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
    if (!(properties.getPropertiesParser() instanceof Placeholders)) {
      properties.setPropertiesParser(new Placeholders(properties));
    }
    return (Placeholders) properties.getPropertiesParser();
  }

  /** Whether a setting's value is or contains a secret. */
  public static boolean isSecret(String key) {
    return SECRET.matcher(key).matches();
  }

  /**
   * @param value null to use file and environment again
   */
  void override(String key, String value) {
    if (value == null) {
      overrides.remove(key);
    } else {
      overrides.put(key, value);
    }
  }

  /** Whether another value than the given one applies; blanks do not count. */
  boolean overrides(String key, String given) {
    String found = overrides.get(key);
    return found != null && !found.replace(" ", "").equals(given.replace(" ", ""));
  }

  /** Protects the braces of a value without placeholders. */
  static String literal(String value) {
    return value.replace('{', OPEN).replace('}', CLOSE).replace("\\", ESCAPED);
  }

  @Override
  public String parseProperty(String key, String value, PropertiesLookup properties) {
    if (key == null) {
      return value;
    }
    String found = overrides.get(key);
    if (found == null && value != null) {
      found = Environment.utf8(SecretFiles.variable(key), value);
    }
    if (found == null) {
      return null;
    }
    return isSecret(key) ? literal(found) : references(found, properties);
  }

  private String references(String value, PropertiesLookup properties) {
    StringBuilder result = new StringBuilder();
    Matcher reference = REFERENCE.matcher(value);
    int end = 0;
    while (reference.find()) {
      if (resolves(reference.group(1), properties)) {
        result.append(literal(value.substring(end, reference.start()))).append(reference.group());
        end = reference.end();
      }
    }
    return result.append(literal(value.substring(end))).toString();
  }

  /** Functions such as env: and values with a default are left to Camel. */
  private boolean resolves(String name, PropertiesLookup properties) {
    return name.indexOf(':') > 0
        || overrides.containsKey(name)
        || System.getenv(SecretFiles.variable(name)) != null
        || System.getProperty(name) != null
        || properties.lookup(name, null) != null;
  }

  @Override
  public String parseUri(
      String text,
      PropertiesLookup properties,
      boolean defaultFallbackEnabled,
      boolean keepUnresolvedOptional,
      boolean nestedPlaceholder) {
    String parsed =
        super.parseUri(
            text, properties, defaultFallbackEnabled, keepUnresolvedOptional, nestedPlaceholder);
    return parsed == null ? null : unescaped(parsed.replace(OPEN, '{').replace(CLOSE, '}'));
  }

  /** Camel drops a backslash before a double brace, and one in the last two characters. */
  private static String unescaped(String parsed) {
    String text = parsed.replaceAll(ESCAPED + "(?=\\{\\{|}})", ESCAPED + ESCAPED);
    int last = text.indexOf(ESCAPED, Math.max(0, text.length() - 2));
    if (last >= 0) {
      text = text.substring(0, last) + ESCAPED + text.substring(last);
    }
    return text.replace(ESCAPED, "\\");
  }
}
