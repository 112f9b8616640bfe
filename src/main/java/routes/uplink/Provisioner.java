package routes.uplink;

import java.util.Map;
import java.util.Optional;

/** Obtains the identity of one gateway from its cloud, and tells whether a stored one is usable. */
public interface Provisioner {
  /** Provisioners of one kind of gateways. */
  @FunctionalInterface
  interface Kind {
    /**
     * Reads the settings of one instance, without connecting.
     *
     * @return empty if the settings name an identity, or do not ask for one
     * @throws routes.settings.SettingException for the first missing or invalid setting
     */
    Optional<Provisioner> open(GatewaySettings settings);
  }

  /** What the identity is registered under, such as service and registration id. */
  Map<String, String> registration();

  /** Why a stored identity of this registration cannot be used any more; empty if it can. */
  Optional<String> problem(Identity stored);

  /** Requests an identity. Blocks for seconds, or minutes if the service is busy. */
  Identity request() throws ProvisioningException;

  /** The identity in a few words, such as "device edge-1 at contoso.azure-devices.net". */
  String describe(Identity identity);
}
