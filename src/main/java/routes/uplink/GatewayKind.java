package routes.uplink;

/** Builds the gateways of one kind, such as {@code aws}. */
@FunctionalInterface
public interface GatewayKind {
  /**
   * Reads and validates the settings of one instance, without connecting.
   *
   * @throws routes.settings.SettingException for the first one that is missing or wrong
   */
  Gateway open(GatewaySettings settings);
}
