package routes.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;

/**
 * Settings from files, such as mounted container secrets: {@code MQTT_PASSWORD_FILE} names the file
 * with {@code mqtt.password}, and so on for every setting. A file {@code mqtt.password} in {@code
 * $CREDENTIALS_DIRECTORY}, where systemd puts the credentials of a unit, has the same effect. The
 * file is read at each access. Its content is literal, without trailing line breaks.
 */
public final class SecretFiles implements PropertiesSource, Ordered {
  private static final int LARGEST = 64 * 1024;

  /** systemd's LoadCredential=secrets:FOLDER adds it to the name of each file in the folder. */
  private static final String PREFIX = "secrets_";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  private final Map<String, String> environment;

  SecretFiles(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Makes the context look up every setting in files first.
   *
   * @param environment the variables that name the files
   * @throws SettingException if a file cannot be read, or if both a file and a value are set
   */
  public static void useIn(CamelContext context, Map<String, String> environment) {
    SecretFiles files = new SecretFiles(environment);
    PropertiesComponent properties = context.getPropertiesComponent();
    Placeholders.of(context);
    files.check(properties.loadProperties().stringPropertyNames());
    properties.addPropertiesSource(files);
  }

  /**
   * Validates the files of these keys.
   *
   * @throws SettingException if a file cannot be read, or if both a file and a value are set
   */
  void check(Iterable<String> keys) {
    for (String key : keys) {
      if (getProperty(key) != null && environment.containsKey(variable(key))) {
        throw new SettingException(
            key, "both " + variable(key) + " and " + file(key) + " are set; remove one");
      }
    }
  }

  /**
   * @throws SettingException if the file cannot be read
   */
  @Override
  public String getProperty(String key) {
    String name = environment.get(file(key));
    if (name != null && !name.isBlank()) {
      return Placeholders.literal(read(file(key), Path.of(name.strip())));
    }
    return credential(key, environment)
        .map(file -> Placeholders.literal(read(key, file)))
        .orElse(null);
  }

  /** The setting's file among systemd's credentials, unless a variable overrides it. */
  static Optional<Path> credential(String key, Map<String, String> environment) {
    String folder = environment.get("CREDENTIALS_DIRECTORY");
    if (folder == null
        || folder.isBlank()
        || !NAME.matcher(key).matches()
        || environment.containsKey(variable(key))) {
      return Optional.empty();
    }
    return Stream.of(key, PREFIX + key)
        .map(name -> Path.of(folder, name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** Whether the value of a setting is the content of a file. */
  static boolean isFile(String key, Map<String, String> environment) {
    String name = environment.get(file(key));
    return name != null && !name.isBlank() || credential(key, environment).isPresent();
  }

  /** The environment variable of a setting. */
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
          variable, path + " cannot be read; it must be a text file that this user may read");
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
