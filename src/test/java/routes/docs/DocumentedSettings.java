package routes.docs;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import routes.settings.KnownSettings;

/** The environment variables that a block sets or uses. */
final class DocumentedSettings {
  private static final Pattern ASSIGNED = Pattern.compile("(?<![\\w/-])([A-Z][A-Z0-9_]+)=");
  private static final Pattern USED = Pattern.compile("\\$\\{?([A-Z][A-Z0-9_]+)");
  private static final Pattern BUILD_ARGUMENT = Pattern.compile("--build-arg \\S+");
  private static final Pattern INSTANCE =
      Pattern.compile("(AZURE|AWS|GOOGLE|PUBSUB|MQTT)_[A-Z0-9]+_([A-Z_]+)");
  private static final Set<String> OTHERS =
      Set.of(
          "LC_ALL",
          "LOG_LEVEL",
          "JAVA_HOME",
          // fleet/hub.conf, fleet/users.conf and fleet/leaf.conf
          "HUB_NAME",
          "HUB_STORE",
          "HUB_LISTEN",
          "HUB_CLUSTER_LISTEN",
          "HUB_LEAF_LISTEN",
          "HUB_CLUSTER",
          "HUB_URLS",
          "LEAF_NAME",
          "LEAF_STORE",
          "LEAF_LISTEN",
          "ADMIN_PASSWORD",
          "CLUSTER_PASSWORD");
  private static final Set<String> KNOWN =
      KnownSettings.packaged().stringPropertyNames().stream()
          .map(DocumentedSettings::variable)
          .collect(Collectors.toSet());

  private DocumentedSettings() {}

  static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  /** Variables that are not settings, except those that the output of the block reports. */
  static Set<String> unknown(Block block) {
    String text = BUILD_ARGUMENT.matcher(block.text()).replaceAll("");
    Set<String> names = new TreeSet<>();
    for (Pattern pattern : List.of(ASSIGNED, USED)) {
      pattern.matcher(text).results().forEach(match -> names.add(match.group(1)));
    }
    names.removeIf(name -> isKnown(name) || String.join("", block.output()).contains(name));
    return names;
  }

  private static boolean isKnown(String name) {
    String plain = name.replaceFirst("_FILE$", "");
    Matcher instance = INSTANCE.matcher(plain);
    return OTHERS.contains(name)
        || KNOWN.contains(plain)
        || instance.matches() && KNOWN.contains(instance.group(1) + "_" + instance.group(2));
  }
}
