package routes.uplink;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import routes.settings.Settings;

/**
 * The identity of one gateway: requested once, stored, and requested again only if the stored one
 * belongs to another registration or cannot be used any more.
 *
 * @param gateway the gateway's name
 */
public record Provisioning(String gateway, Provisioner provisioner, IdentityFile file) {
  /**
   * The enabled gateways whose settings ask for an identity.
   *
   * @param kinds of gateways
   * @param provisioners by kind
   * @throws routes.settings.SettingException for the first missing or invalid setting
   */
  public static List<Provisioning> of(
      Settings settings, Set<String> kinds, Map<String, Provisioner.Kind> provisioners) {
    List<Provisioning> all = new ArrayList<>();
    Map<String, String> names = GatewayNames.of(settings, kinds);
    settings.addDefaults(new InstanceDefaults(names));
    names.forEach(
        (name, kind) -> {
          GatewaySettings own = new GatewaySettings(settings, kind, name);
          Optional.ofNullable(provisioners.get(kind))
              .flatMap(each -> each.open(own))
              .ifPresent(each -> all.add(new Provisioning(name, each, IdentityFile.of(own))));
        });
    return all;
  }

  /** Why an identity has to be requested; empty if the stored one is usable. */
  public Optional<String> reason() {
    if (!file.exists()) {
      return Optional.of("not provisioned yet");
    }
    Optional<Identity> stored = file.read();
    if (stored.isEmpty()) {
      return Optional.of(file.path() + " is damaged");
    }
    return stored.get().matches(provisioner.registration())
        ? provisioner.problem(stored.get())
        : Optional.of("the stored identity belongs to another registration");
  }

  /** The stored identity in a few words. */
  public String described() {
    return file.read().map(provisioner::describe).orElse("");
  }

  /**
   * Requests an identity and stores it.
   *
   * @throws routes.settings.SettingException if the file cannot be written
   */
  public void run() throws ProvisioningException {
    file.check();
    file.write(provisioner.request());
  }
}
