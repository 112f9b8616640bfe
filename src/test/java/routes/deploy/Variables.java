package routes.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/** The environment variables that the runtime knows: one per key of application.properties. */
final class Variables {
  private static final Set<String> KEYS = keys();

  private Variables() {}

  /** Whether it is a key, or a key with the suffix _FILE. */
  static boolean known(String name) {
    return KEYS.contains(name.replaceFirst("_FILE$", ""));
  }

  /** Whether its value must be the path of a file. */
  static boolean namesFile(String name) {
    return name.matches(".*_(FILE|CERTIFICATE|PRIVATE_KEY|CA|CREDENTIALS)");
  }

  private static Set<String> keys() {
    Properties properties = new Properties();
    try (InputStream file = Variables.class.getResourceAsStream("/application.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.stringPropertyNames().stream()
        .map(key -> key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
        .collect(Collectors.toSet());
  }
}
