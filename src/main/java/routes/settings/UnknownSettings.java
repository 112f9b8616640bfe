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
 * Finds names in the environment, system properties and further properties files that were meant to
 * be settings and are none, such as MQTT_ULR. Of others' names, such as AWS_REGION, it says
 * nothing: only few letters may be wrong.
 */
public final class UnknownSettings {
  /** Letters of a name one of which may be wrong. */
  private static final int LETTERS_PER_MISTAKE = 8;

  /** A name outside the settings' groups has to be so long before it is taken for one of them. */
  private static final int LONG = 12;

  private final Set<String> groups = new HashSet<>();

  /** The keys, by their variables. */
  private final Map<String, String> keys = new HashMap<>();

  /** The variables, and those that name a file. */
  private final Set<String> variables = new HashSet<>();

  /**
   * @param keys the settings there are
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
   * One line each, for what this process was given.
   *
   * @param instances the settings that application.properties does not name
   */
  public static List<String> of(CamelContext context, Collection<String> instances) {
    Set<String> names = new TreeSet<>(System.getenv().keySet());
    names.addAll(System.getProperties().stringPropertyNames());
    names.addAll(context.getPropertiesComponent().loadProperties().stringPropertyNames());
    Set<String> keys = new HashSet<>(KnownSettings.keys());
    keys.addAll(instances);
    return new UnknownSettings(keys).among(names);
  }

  List<String> among(Collection<String> names) {
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      meant(name)
          .ifPresent(
              meant ->
                  unknown.add(name + ": no setting has this name: did you mean " + meant + "?"));
    }
    return unknown;
  }

  /** The setting that a name was meant to be, spelt as the name is; empty if it is one, or none. */
  private Optional<String> meant(String name) {
    boolean key = name.indexOf('.') >= 0 || keys.containsValue(name);
    Set<String> known = key ? keys.keySet() : variables;
    String variable = SecretFiles.variable(name);
    if (known.contains(variable)) {
      // mqtt_url, which nothing reads
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
