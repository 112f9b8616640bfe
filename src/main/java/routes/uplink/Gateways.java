package routes.uplink;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The gateways that the setting {@code gateways} enables, by name. */
public final class Gateways {
  /** Bean with this object. */
  public static final String BEAN = "gateway-instances";

  private final Map<String, Gateway> byName = new LinkedHashMap<>();

  private Gateways() {}

  /**
   * Builds every enabled gateway, without connecting, and binds it as a bean under its name.
   *
   * @param kinds by name
   * @throws SettingException for the first setting that is missing or wrong
   */
  public static Gateways open(CamelContext context, Map<String, GatewayKind> kinds) {
    Settings settings = new Settings(context);
    Gateways gateways = new Gateways();
    Map<String, String> names = GatewayNames.of(settings, kinds.keySet());
    context.getPropertiesComponent().addPropertiesSource(new InstanceDefaults(names));
    settings.override(GatewayNames.KEY, String.join(",", names.keySet()));
    names.forEach((name, kind) -> settings.checkFiles(keys(name, kind)));
    names.forEach(
        (name, kind) ->
            gateways.byName.put(
                name, kinds.get(kind).open(new GatewaySettings(settings, kind, name))));
    gateways.checkIdentities(names);
    gateways.byName.forEach(context.getRegistry()::bind);
    context.getRegistry().bind(BEAN, gateways);
    return gateways;
  }

  private void checkIdentities(Map<String, String> kinds) {
    Map<String, String> names = new HashMap<>();
    for (Gateway gateway : byName.values()) {
      String identity = gateway.identity().orElse(gateway.name());
      String other = names.put(kinds.get(gateway.name()) + " " + identity, gateway.name());
      if (other != null) {
        throw new SettingException(
            GatewayNames.KEY,
            "%s and %s both connect to %s; each needs a client id of its own"
                .formatted(other, gateway.name(), identity));
      }
    }
  }

  /**
   * Validates the settings of one gateway; the others may be wrong.
   *
   * @throws SettingException for the first one that is missing or wrong
   */
  public static void check(CamelContext context, String name, Map<String, GatewayKind> kinds) {
    String kind = GatewayNames.kind(name, kinds.keySet());
    context.getPropertiesComponent().addPropertiesSource(new InstanceDefaults(Map.of(name, kind)));
    kinds.get(kind).open(new GatewaySettings(new Settings(context), kind, name));
  }

  /**
   * The settings of the enabled instances that application.properties does not name, such as
   * mqtt-plant.url.
   */
  public static List<String> keys(Settings settings) {
    return settings.list(GatewayNames.KEY).stream()
        .flatMap(name -> keys(name, name.replaceFirst("-.*", "")).stream())
        .toList();
  }

  private static List<String> keys(String name, String kind) {
    return GatewayNames.keys(kind).map(key -> name + "." + key).toList();
  }

  public static Gateways of(CamelContext context) {
    return context.getRegistry().lookupByNameAndType(BEAN, Gateways.class);
  }

  public Collection<Gateway> all() {
    return byName.values();
  }
}
