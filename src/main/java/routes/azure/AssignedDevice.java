package routes.azure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;
import routes.uplink.Identity;
import routes.uplink.IdentityFile;

/**
 * The hub and the device id that the Device Provisioning Service assigned, with the key of the
 * registration: the hub's device has the same one
 * (learn.microsoft.com/azure/iot-dps/concepts-symmetric-key-attestation).
 */
final class AssignedDevice {
  private static final String HUB = "hub";
  private static final String DEVICE = "device";
  private static final String KEY = "key";

  private AssignedDevice() {}

  /** The identity to store. */
  static Identity identity(Registration registration, String hub, String device) {
    Map<String, String> fields = new LinkedHashMap<>(registration.fields());
    fields.put(HUB, hub);
    fields.put(DEVICE, device);
    registration.key().ifPresent(key -> fields.put(KEY, key));
    return new Identity(fields, "");
  }

  static String describe(Identity identity) {
    return "device " + identity.find(DEVICE).orElse("?") + " at " + identity.find(HUB).orElse("?");
  }

  /** Why it is of no use; empty if the hub will know this device. */
  static Optional<String> problem(Registration registration, Identity stored) {
    if (stored.find(HUB).isEmpty() || stored.find(DEVICE).isEmpty()) {
      return Optional.of("the stored identity is incomplete");
    }
    Optional<String> key = stored.find(KEY);
    if (registration.x509()
        ? key.isPresent()
        : registration.key().isPresent() && !registration.key().equals(key)) {
      return Optional.of("the stored identity has another key or certificate");
    }
    return Optional.empty();
  }

  /** Whether the settings or the stored identity have a credential. */
  static boolean hasCredential(GatewaySettings settings, Registration registration) {
    return registration.x509() || key(settings, registration).isPresent();
  }

  static Optional<String> key(GatewaySettings settings, Registration registration) {
    return registration
        .key()
        .or(() -> stored(settings, registration).flatMap(each -> each.find(KEY)));
  }

  private static Optional<Identity> stored(GatewaySettings settings, Registration registration) {
    return IdentityFile.of(settings)
        .read()
        .filter(identity -> identity.matches(registration.fields()));
  }

  /** Whether the service has assigned a device to this registration. */
  static boolean isKnown(GatewaySettings settings, Registration registration) {
    return stored(settings, registration).isPresent();
  }

  /**
   * The connection string of the assigned device. Before the assignment, the service takes the
   * place of the hub.
   */
  static ConnectionString connectionString(GatewaySettings settings, Registration registration) {
    return connectionString(settings, registration, stored(settings, registration));
  }

  /** Whether the hub and the device id of an identity are well-formed. */
  static boolean isValid(GatewaySettings settings, Registration registration, Identity identity) {
    try {
      connectionString(settings, registration, Optional.of(identity));
      return identity.fields().values().stream().noneMatch(each -> each.matches(".*\\p{Cc}.*"));
    } catch (SettingException e) {
      return false;
    }
  }

  private static ConnectionString connectionString(
      GatewaySettings settings, Registration registration, Optional<Identity> stored) {
    String text =
        "HostName="
            + stored.flatMap(each -> each.find(HUB)).orElse(registration.host())
            + ";DeviceId="
            + Percent.encode(stored.flatMap(each -> each.find(DEVICE)).orElse(registration.id()))
            + ";"
            + (registration.x509()
                ? "x509=true"
                : "SharedAccessKey="
                    + key(settings, registration).orElseThrow(() -> missingCredential(settings)));
    return ConnectionString.parse(settings.key(Registration.ID_SCOPE), text);
  }

  static SettingException missingCredential(GatewaySettings settings) {
    return settings.wrong(
        Registration.DEVICE_KEY,
        "is not set; set it to the key of the enrollment or the key derived from that of its group,"
            + " or set "
            + settings.key(Registration.GROUP_KEY)
            + ", or "
            + settings.key("certificate")
            + " and "
            + settings.key("private-key"));
  }
}
