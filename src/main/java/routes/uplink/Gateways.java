package routes.uplink;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The gateways that the setting {@code gateways} enables, by name. */
public final class Gateways {
  /** Name of the bean with this object. */
  public static final String BEAN = "gateway-instances";

  private final Map<String, Gateway> byName = new LinkedHashMap<>();
  private final boolean none;

  private Gateways(boolean none) {
    this.none = none;
  }

  /**
   * Builds every enabled gateway, without connecting, and binds it as a bean under its name.
   *
   * @param kinds by name
   * @throws SettingException for the first missing or invalid setting
   */
  public static Gateways open(CamelContext context, Map<String, GatewayKind> kinds) {
    Settings settings = new Settings(context);
    Gateways gateways = new Gateways(GatewayNames.isNone(settings));
    Map<String, String> names = GatewayNames.of(settings, kinds.keySet());
    settings.addDefaults(new InstanceDefaults(names));
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
            "%s and %s both connect to %s; each needs its own client id"
                .formatted(other, gateway.name(), identity));
      }
    }
  }

  /**
   * Validates the settings of one gateway, even if others are invalid.
   *
   * @throws SettingException for the first missing or invalid setting
   */
  public static void check(CamelContext context, String name, Map<String, GatewayKind> kinds) {
    if (name.equals(GatewayNames.NONE)) {
      return;
    }
    String kind = GatewayNames.kind(name, kinds.keySet());
    context.getPropertiesComponent().addPropertiesSource(new InstanceDefaults(Map.of(name, kind)));
    kinds.get(kind).open(new GatewaySettings(new Settings(context), kind, name));
  }

  /**
   * Whether a gateway or its route may exist: the setting names it, or it is a kind.
   *
   * @param name of the gateway, or the id of its route for telemetry or inventory
   */
  public static boolean isKnown(Settings settings, Set<String> kinds, String name) {
    String gateway = name.replaceFirst("^gateway-", "").replaceFirst("-inventory$", "");
    return kinds.contains(gateway) || settings.list(GatewayNames.KEY).contains(gateway);
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

  /** Whether {@code gateways} is {@code none}: this process deliberately forwards nothing. */
  public boolean isNone() {
    return none;
  }

  public Collection<Gateway> all() {
    return byName.values();
  }
}
