package routes.settings;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.Set;

/** The settings in application.properties, with their defaults. */
public final class KnownSettings {
  private KnownSettings() {}

  public static Set<String> keys() {
    return packaged().stringPropertyNames();
  }

  /** The packaged application.properties, with placeholders unresolved. */
  public static Properties packaged() {
    Properties properties = new Properties();
    try (InputStream in = KnownSettings.class.getResourceAsStream("/application.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // no suggestions then
    }
    return properties;
  }
}
