package routes.bundles;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import routes.settings.KnownSettings;
import routes.settings.Placeholders;

/**
 * The file settings.properties of a bundle: values for the placeholders of its routes. Settings of
 * the runtime stay in the hands of the device.
 */
final class BundleSettings {
  private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+");

  /** The runtime's own groups, in which later versions may add settings. */
  private static final Pattern RESERVED =
      Pattern.compile(
          "(aws|azure|google|mqtt|pubsub|camel|java|javax|jdk|sun|user|os|file|line|path)[.-].*");

  private BundleSettings() {}

  /**
   * @return nothing if there is no such file
   * @throws BundleException for a key that a bundle must not have
   */
  static TreeMap<String, String> of(Path folder) throws IOException, BundleException {
    TreeMap<String, String> settings = new TreeMap<>();
    Path file = folder.resolve(Archive.SETTINGS);
    if (!Files.exists(file)) {
      return settings;
    }
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
      throw new BundleException(Archive.SETTINGS + " is malformed");
    }
    for (String key : properties.stringPropertyNames()) {
      if (Placeholders.isSecret(key)) {
        throw new BundleException(
            Archive.SETTINGS + ": " + key + " is a secret; set it on the device");
      }
      if (!KEY.matcher(key).matches()) {
        throw new BundleException(
            Archive.SETTINGS + ": \"" + key + "\" is not a key such as plant.threshold");
      }
      if (isRuntimes(key)) {
        throw new BundleException(
            Archive.SETTINGS + ": " + key + " is a setting of the runtime; set it on the device");
      }
      settings.put(key, properties.getProperty(key));
    }
    return settings;
  }

  private static boolean isRuntimes(String key) {
    String group = key.substring(0, key.indexOf('.') + 1);
    return RESERVED.matcher(key).matches()
        || KnownSettings.keys().stream().anyMatch(known -> known.startsWith(group));
  }
}
