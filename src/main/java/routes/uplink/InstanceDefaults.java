package routes.uplink;

import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.Ordered;
import org.apache.camel.spi.PropertiesSource;
import routes.settings.KnownSettings;

/**
 * Defaults of instances such as {@code mqtt-plant}. Tuning keys default to the kind's value; all
 * others have the kind's packaged default, with references to the kind's keys turned into
 * references to the instance's. Address, identity and credentials are never shared, because they
 * belong to another broker.
 */
final class InstanceDefaults implements PropertiesSource, Ordered {
  private static final Set<String> TUNING =
      Set.of(
          "in-flight",
          "keep-alive",
          "message-expiry",
          "publish-rate",
          "publish-timeout",
          "token-lifetime",
          "version");

  private final Properties packaged = KnownSettings.packaged();
  private final Map<String, String> kinds;

  /**
   * @param kinds each instance's kind, by the instance's name
   */
  InstanceDefaults(Map<String, String> kinds) {
    this.kinds = kinds;
  }

  @Override
  public String getProperty(String name) {
    int dot = name.indexOf('.');
    String instance = dot < 0 ? "" : name.substring(0, dot);
    String kind = kinds.get(instance);
    if (kind == null || kind.equals(instance)) {
      return null;
    }
    String key = name.substring(dot + 1);
    String value = packaged.getProperty(kind + "." + key);
    if (value == null) {
      return null;
    }
    return TUNING.contains(key)
        ? "{{" + kind + "." + key + "}}"
        : value.replace("{{" + kind + ".", "{{" + instance + ".");
  }

  @Override
  public String getName() {
    return "InstanceDefaults";
  }

  /** After application.properties. */
  @Override
  public int getOrder() {
    return LOWEST;
  }
}
