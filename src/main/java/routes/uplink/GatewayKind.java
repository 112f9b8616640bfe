package routes.uplink;

/** Builds the gateways of one kind, such as {@code aws}. */
@FunctionalInterface
public interface GatewayKind {
  /**
   * Reads and validates the settings of one instance, without connecting.
   *
   * @throws routes.settings.SettingException for the first missing or invalid setting
   */
  Gateway open(GatewaySettings settings);
}
