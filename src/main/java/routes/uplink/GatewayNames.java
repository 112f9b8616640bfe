package routes.uplink;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import routes.settings.KnownSettings;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The setting {@code gateways}: instance names, each a kind, optionally with a dash and a word. */
final class GatewayNames {
  static final String KEY = "gateways";

  /** The value that declares that this process deliberately has no gateway. */
  static final String NONE = "none";

  private static final Pattern NAME = Pattern.compile("([a-z]+)(?:-([a-z0-9]{1,32}))?");

  /** Routes for inventories have names such as gateway-aws-inventory. */
  private static final String INVENTORY = "inventory";

  private GatewayNames() {}

  /**
   * Reads the setting.
   *
   * @return kinds by name, in the order of the setting, each name once
   * @throws SettingException for a name whose kind is unknown or whose word is not allowed
   */
  static Map<String, String> of(Settings settings, Set<String> kinds) {
    Map<String, String> names = new LinkedHashMap<>();
    if (isNone(settings)) {
      return names;
    }
    settings.list(KEY).forEach(name -> names.put(name, kind(name, kinds)));
    return names;
  }

  /**
   * Whether the setting is {@code none}.
   *
   * @throws SettingException if it also names gateways
   */
  static boolean isNone(Settings settings) {
    List<String> names = settings.list(KEY);
    if (names.size() > 1 && names.contains(NONE)) {
      throw new SettingException(
          KEY, "none cannot be combined with gateways; remove none or the other names");
    }
    return names.contains(NONE);
  }

  /**
   * The kind of an instance.
   *
   * @throws SettingException if the name is not allowed
   */
  static String kind(String name, Set<String> kinds) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches() || !kinds.contains(matcher.group(1))) {
      throw new SettingException(
          KEY,
          "unknown gateway \""
              + name
              + "\"; use one of "
              + String.join(", ", new TreeSet<>(kinds))
              + ", optionally with a word of a-z and 0-9, such as mqtt-plant");
    }
    String kind = matcher.group(1);
    String word = matcher.group(2);
    if (word != null && (word.equals(INVENTORY) || startsAKey(kind, word))) {
      throw new SettingException(
          KEY,
          "\""
              + name
              + "\" is not allowed: "
              + (word.equals(INVENTORY)
                  ? "the name is reserved for inventory routes"
                  : "its settings would have the same variables as " + kind + "." + word + "-...")
              + "; use another word, such as "
              + kind
              + "-2");
    }
    return kind;
  }

  /** MQTT_CLIENT_ID would be both mqtt.client-id and mqtt-client.id. */
  private static boolean startsAKey(String kind, String word) {
    return keys(kind).anyMatch(key -> key.startsWith(word + "-") || key.startsWith(word + "."));
  }

  /** A kind's keys, relative to its name. */
  static Stream<String> keys(String kind) {
    String prefix = kind + ".";
    return KnownSettings.keys().stream()
        .filter(key -> key.startsWith(prefix))
        .map(key -> key.substring(prefix.length()));
  }
}
