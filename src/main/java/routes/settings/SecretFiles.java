package routes.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;

/**
 * Settings out of files, as container secrets are mounted: {@code MQTT_PASSWORD_FILE} names the
 * file with {@code mqtt.password}, for any setting. The file is read each time that its value is
 * asked for. Every character in it is literal; line breaks at its end don't count.
 */
public final class SecretFiles implements PropertiesSource, Ordered {
  private static final int LARGEST = 64 * 1024;

  private final Map<String, String> environment;

  SecretFiles(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Has every setting of the context looked for in files first.
   *
   * @param environment the variables that name them
   * @throws SettingException if a file is named that can't be read, or beside the value itself
   */
  public static void useIn(CamelContext context, Map<String, String> environment) {
    SecretFiles files = new SecretFiles(environment);
    PropertiesComponent properties = context.getPropertiesComponent();
    Placeholders.of(context);
    files.check(properties.loadProperties().stringPropertyNames());
    properties.addPropertiesSource(files);
  }

  /**
   * Looks for a file's mistakes.
   *
   * @throws SettingException if a file is named that can't be read, or beside the value itself
   */
  void check(Iterable<String> keys) {
    for (String key : keys) {
      if (getProperty(key) != null && environment.containsKey(variable(key))) {
        throw new SettingException(
            key, "both " + variable(key) + " and " + file(key) + " are set: leave one out");
      }
    }
  }

  /**
   * @throws SettingException if the file can't be read
   */
  @Override
  public String getProperty(String key) {
    String name = environment.get(file(key));
    return name == null || name.isBlank()
        ? null
        : Placeholders.literal(read(file(key), Path.of(name.strip())));
  }

  /** The environment variable that a setting is. */
  static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  /** The variable that names a setting's file. */
  public static String file(String key) {
    return variable(key) + "_FILE";
  }

  private static String read(String variable, Path file) {
    String path = file.toAbsolutePath().toString();
    if (!Files.isRegularFile(file)) {
      throw new SettingException(variable, "there is no file " + path);
    }
    try {
      if (Files.size(file) > LARGEST) {
        throw new SettingException(variable, path + " is larger than 64 KB");
      }
      return Files.readString(file, StandardCharsets.UTF_8).replaceFirst("[\r\n]+\\z", "");
    } catch (IOException e) {
      throw new SettingException(
          variable, path + " can't be read: it should be text that this user may read");
    }
  }

  @Override
  public String getName() {
    return "SecretFiles";
  }

  /** Before application.properties. */
  @Override
  public int getOrder() {
    return HIGHEST;
  }
}
