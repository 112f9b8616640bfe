package routes.uplink;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The settings of one gateway instance. Keys are relative to its name: {@code url} of {@code
 * mqtt-plant} is {@code mqtt-plant.url}. Errors are those of {@link Settings} and name the whole
 * key.
 *
 * @param all the settings of the runtime
 * @param kind such as mqtt
 * @param name the kind, or the kind and a word: mqtt-plant
 */
public record GatewaySettings(Settings all, String kind, String name) {
  /** The whole key. */
  public String key(String key) {
    return name + "." + key;
  }

  public Optional<String> find(String key) {
    return all.find(key(key));
  }

  /**
   * @param should what the key should hold, as the end of the sentence "is not set: it should be"
   */
  public String require(String key, String should) {
    return find(key).orElseThrow(() -> missing(key, should));
  }

  /** Address, identity and credentials of another instance are never used. */
  private SettingException missing(String key, String should) {
    String other = kind + "." + key;
    boolean elsewhere = !name.equals(kind) && all.find(other).isPresent();
    return new SettingException(
        key(key),
        "is not set: it should be "
            + should
            + (elsewhere ? " (" + other + " applies to " + kind + " only)" : ""));
  }

  public Duration duration(String key) {
    return all.duration(key(key));
  }

  public int integer(String key, int min, int max) {
    return all.integer(key(key), min, max);
  }

  public Optional<Path> file(String key) {
    return all.file(key(key));
  }

  public SettingException wrong(String key, String problem) {
    return new SettingException(key(key), problem);
  }
}
