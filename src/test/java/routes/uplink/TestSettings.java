package routes.uplink;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import routes.settings.Settings;

/** The packaged settings with changes, as gateways see them. */
public final class TestSettings {
  private TestSettings() {}

  /** A context with the settings of application.properties and changes. */
  public static CamelContext context(Map<String, String> changes) {
    CamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().addLocation("classpath:application.properties");
    Properties overrides = new Properties();
    overrides.setProperty("device.id", "edge-1");
    overrides.putAll(changes);
    context.getPropertiesComponent().setOverrideProperties(overrides);
    return context;
  }

  /**
   * The settings of a gateway that is named like its kind.
   *
   * @param changes alternating keys and values, applied after those of the map
   */
  public static GatewaySettings of(String kind, Map<String, String> given, String... changes) {
    Map<String, String> all = new HashMap<>(given);
    for (int i = 0; i < changes.length; i += 2) {
      all.put(changes[i], changes[i + 1]);
    }
    return new GatewaySettings(new Settings(context(all)), kind, kind);
  }
}
