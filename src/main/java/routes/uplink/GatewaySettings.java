package routes.uplink;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The settings of one gateway instance. Keys are relative to its name: {@code url} of {@code
 * mqtt-plant} is {@code mqtt-plant.url}. Errors are those of {@link Settings} and name the full
 * key.
 *
 * @param all the settings of the runtime
 * @param kind such as mqtt
 * @param name the kind, or the kind and a word: mqtt-plant
 */
public record GatewaySettings(Settings all, String kind, String name) {
  private static final String REPLICA = "replica.id";

  /** The full key. */
  public String key(String key) {
    return name + "." + key;
  }

  public Optional<String> find(String key) {
    return all.find(key(key));
  }

  /**
   * @param should what the key should hold, as the end of the sentence "is not set; set it to"
   */
  public String require(String key, String should) {
    return find(key).orElseThrow(() -> missing(key, should));
  }

  /** Another instance's address, identity and credentials are never used. */
  private SettingException missing(String key, String should) {
    String other = kind + "." + key;
    boolean elsewhere = !name.equals(kind) && all.find(other).isPresent();
    return new SettingException(
        key(key),
        "is not set; set it to "
            + should
            + (elsewhere ? " (" + other + " applies to " + kind + " only)" : ""));
  }

  /**
   * The setting {@code replica.id}: this process's name among the replicas of its gateways.
   *
   * @throws SettingException if it is malformed
   */
  public Optional<String> replica() {
    return replica(all);
  }

  /**
   * Like {@link #replica()}, for all gateways.
   *
   * @throws SettingException if it is malformed
   */
  public static Optional<String> replica(Settings all) {
    Optional<String> replica = all.find(REPLICA);
    if (replica.isPresent() && !replica.get().matches("[A-Za-z0-9_-]{1,32}")) {
      throw new SettingException(
          REPLICA,
          "\"" + replica.get() + "\" is not allowed; use 1 to 32 letters, digits, '-' and '_'");
    }
    return replica;
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
