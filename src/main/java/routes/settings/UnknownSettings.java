package routes.settings;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;

/**
 * Finds misspelt settings, such as MQTT_ULR, in the environment, system properties and other
 * properties files. Ignores names of other programs, such as AWS_REGION, by allowing only few
 * different letters.
 */
public final class UnknownSettings {
  /** One letter in this many may differ. */
  private static final int LETTERS_PER_MISTAKE = 8;

  /** Minimum length of a name outside the settings' groups. */
  private static final int LONG = 12;

  private final Set<String> groups = new HashSet<>();

  /** Keys by variable. */
  private final Map<String, String> keys = new HashMap<>();

  /** All variables, including those that name a file. */
  private final Set<String> variables = new HashSet<>();

  /**
   * @param keys all known settings
   */
  UnknownSettings(Collection<String> keys) {
    for (String key : keys) {
      if (!key.startsWith("camel.")) {
        String variable = SecretFiles.variable(key);
        this.keys.put(variable, key);
        variables.add(variable);
        variables.add(SecretFiles.file(key));
        groups.add(group(variable));
      }
    }
  }

  /**
   * One line per misspelt setting of this process.
   *
   * @param instances the settings that application.properties does not name
   */
  public static List<String> of(CamelContext context, Collection<String> instances) {
    Optional<SettingsFile> file = SettingsFile.of(context);
    Set<String> names =
        new TreeSet<>(context.getPropertiesComponent().loadProperties().stringPropertyNames());
    file.ifPresent(given -> names.removeAll(given.keys()));
    names.addAll(System.getenv().keySet());
    names.addAll(System.getProperties().stringPropertyNames());
    UnknownSettings settings = with(instances);
    List<String> unknown = settings.among(names);
    file.ifPresent(given -> unknown.addAll(settings.in(given)));
    return unknown;
  }

  /** One line per misspelt setting among the names. */
  public static List<String> among(Collection<String> names, Collection<String> instances) {
    return with(instances).among(names);
  }

  private static UnknownSettings with(Collection<String> instances) {
    Set<String> keys = new HashSet<>(KnownSettings.keys());
    keys.addAll(instances);
    return new UnknownSettings(keys);
  }

  /** A settings file has keys only, so a variable such as MQTT_URL has no effect there. */
  List<String> in(SettingsFile file) {
    List<String> unknown = new ArrayList<>();
    for (String name : file.keys()) {
      String variable = SecretFiles.variable(name);
      Optional<String> meant =
          keys.containsKey(variable)
              ? Optional.of(keys.get(variable)).filter(key -> !key.equals(name))
              : meant(name).map(near -> keys.getOrDefault(SecretFiles.variable(near), near));
      meant.ifPresent(
          near ->
              unknown.add(
                  file.place(name, Map.of())
                      + name
                      + ": unknown setting; did you mean "
                      + near
                      + "?"));
      if (!keys.containsKey(variable) && variables.contains(variable)) {
        unknown.add(
            file.place(name, Map.of()) + name + ": only an environment variable can name a file");
      }
    }
    return unknown;
  }

  List<String> among(Collection<String> names) {
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      meant(name)
          .ifPresent(meant -> unknown.add(name + ": unknown setting; did you mean " + meant + "?"));
    }
    return unknown;
  }

  /** The setting that was probably meant, in the name's notation; empty if valid or unrelated. */
  private Optional<String> meant(String name) {
    boolean key = name.indexOf('.') >= 0 || keys.containsValue(name);
    Set<String> known = key ? keys.keySet() : variables;
    String variable = SecretFiles.variable(name);
    if (known.contains(variable)) {
      // for example mqtt_url, which has the wrong case
      return key || name.equals(variable) ? Optional.empty() : Optional.of(variable);
    }
    if (!evident(variable)) {
      return Optional.empty();
    }
    int limit = Math.max(1, variable.length() / LETTERS_PER_MISTAKE);
    return Nearest.to(variable, known, limit).map(near -> key ? keys.get(near) : near);
  }

  private boolean evident(String variable) {
    return groups.contains(group(variable))
        || variable.indexOf('_') < 0
        || variable.length() >= LONG;
  }

  private static String group(String variable) {
    return variable.replaceFirst("_.*", "");
  }
}
