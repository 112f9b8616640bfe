package routes.uplink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import routes.settings.KnownSettings;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The setting {@code gateways}: names of instances, each a kind or a kind, a dash and a word. */
final class GatewayNames {
  static final String KEY = "gateways";
  private static final Pattern NAME = Pattern.compile("([a-z]+)(?:-([a-z0-9]{1,32}))?");

  /** The routes of inventories are called gateway-aws-inventory. */
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
    settings.list(KEY).forEach(name -> names.put(name, kind(name, kinds)));
    return names;
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
              + ", or one of them with a word of a-z and 0-9: mqtt-plant");
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
                  ? "routes of inventories have such names"
                  : "its settings would have the same variables as " + kind + "." + word + "-...")
              + "; use another word: "
              + kind
              + "-2");
    }
    return kind;
  }

  /** MQTT_CLIENT_ID would be mqtt.client-id and mqtt-client.id. */
  private static boolean startsAKey(String kind, String word) {
    return keys(kind).anyMatch(key -> key.startsWith(word + "-") || key.startsWith(word + "."));
  }

  /** The keys of a kind, relative to its name. */
  static Stream<String> keys(String kind) {
    String prefix = kind + ".";
    return KnownSettings.keys().stream()
        .filter(key -> key.startsWith(prefix))
        .map(key -> key.substring(prefix.length()));
  }
}
