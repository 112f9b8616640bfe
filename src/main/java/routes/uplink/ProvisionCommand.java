package routes.uplink;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The command {@code provision}: requests the identities of the enabled gateways that have none
 * yet, and stores them.
 */
public final class ProvisionCommand {
  private static final String USAGE = "usage: provision [--again] [GATEWAY]...";
  private static final String AGAIN = "--again";

  private ProvisionCommand() {}

  /**
   * @param words the arguments after {@code provision}
   * @param settings with device.id and data.directory applied
   * @param kinds of gateways
   * @param provisioners by kind
   * @return the exit code: 0, 1 if a gateway has no identity, 2 for invalid arguments
   */
  public static int run(
      List<String> words,
      Settings settings,
      Set<String> kinds,
      Map<String, Provisioner.Kind> provisioners,
      PrintStream out,
      PrintStream err) {
    List<String> names = new ArrayList<>(words);
    boolean again = names.remove(AGAIN);
    if (names.stream().anyMatch(name -> name.isBlank() || name.startsWith("-"))) {
      err.println(USAGE);
      return 2;
    }
    List<Provisioning> all = Provisioning.of(settings, kinds, provisioners);
    for (String name : names) {
      if (all.stream().noneMatch(each -> each.gateway().equals(name))) {
        err.println(
            "provision: "
                + name
                + ": "
                + obstacle(name, settings, kinds, provisioners)
                + "; gateways that can be provisioned: "
                + (all.isEmpty() ? "none" : names(all)));
        return 1;
      }
    }
    if (all.isEmpty()) {
      out.println("nothing to provision: no gateway's settings ask for an identity");
      return 0;
    }
    int code = 0;
    for (Provisioning each : all) {
      if (names.isEmpty() || names.contains(each.gateway())) {
        code = Math.max(code, run(each, again, settings, out, err));
      }
    }
    return code;
  }

  private static String names(List<Provisioning> all) {
    return all.stream().map(Provisioning::gateway).collect(Collectors.joining(", "));
  }

  /** Why a gateway cannot be provisioned. */
  private static String obstacle(
      String name,
      Settings settings,
      Set<String> kinds,
      Map<String, Provisioner.Kind> provisioners) {
    String kind = name.replaceFirst("-.*", "");
    if (kinds.contains(kind) && !provisioners.containsKey(kind)) {
      return "the kind " + kind + " has no provisioning; its settings hold the identity";
    }
    return settings.list(GatewayNames.KEY).contains(name)
        ? "its settings name an identity, or do not ask for one"
        : "not among " + GatewayNames.KEY;
  }

  private static int run(
      Provisioning provisioning,
      boolean again,
      Settings settings,
      PrintStream out,
      PrintStream err) {
    String gateway = provisioning.gateway();
    try {
      Optional<String> reason = provisioning.reason();
      if (reason.isEmpty() && !again) {
        out.println(gateway + ": already provisioned as " + provisioning.described());
        return 0;
      }
      out.println(
          gateway + ": " + reason.orElse("provisioning again") + "; requesting an identity");
      provisioning.run();
      out.println(
          gateway
              + ": provisioned as "
              + provisioning.described()
              + "; "
              + provisioning.file().path());
      return 0;
    } catch (ProvisioningException e) {
      err.println("provision: " + gateway + ": " + e.getMessage());
    } catch (SettingException e) {
      err.println("provision: " + gateway + ": " + settings.describe(e));
    }
    return 1;
  }
}
