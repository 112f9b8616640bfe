package routes.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import routes.settings.KnownSettings;
import routes.settings.Placeholders;

/** The settings in the environment of {@code ./run}, for its commands in another terminal. */
final class GivenSettings {
  private GivenSettings() {}

  /**
   * The variables that are settings of the runtime, also of instances such as {@code mqtt-plant},
   * and those that name a file. Secrets are left out, as are values of several lines.
   */
  static Map<String, String> of(Map<String, String> environment) {
    Map<String, String> given = new TreeMap<>();
    List<String> instances =
        List.of(environment.getOrDefault("GATEWAYS", "").strip().split("\\s*,\\s*"));
    for (String key : KnownSettings.keys()) {
      for (String each : keys(key, instances)) {
        String variable = each.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
        if (!Placeholders.isSecret(key)) {
          copy(environment, variable, given);
        }
        copy(environment, variable + "_FILE", given);
      }
    }
    return given;
  }

  /** The key itself, and that of each instance of its kind. */
  private static List<String> keys(String key, List<String> instances) {
    List<String> keys = new ArrayList<>(List.of(key));
    String kind = key.replaceFirst("\\..*", "");
    instances.stream()
        .filter(instance -> instance.startsWith(kind + "-"))
        .forEach(instance -> keys.add(instance + key.substring(kind.length())));
    return keys;
  }

  private static void copy(
      Map<String, String> environment, String variable, Map<String, String> given) {
    String value = environment.get(variable);
    if (value != null && value.indexOf('\n') < 0) {
      given.put(variable, value);
    }
  }
}
