package routes.sandbox.azure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user name of a CONNECT to Azure IoT Hub: {@code host/device[/module]/?api-version=...}.
 *
 * @param module null for a device
 */
record AzureUser(String host, String device, String module) {
  private static final Pattern FORM =
      Pattern.compile(
          "([^/]+)/([^/]+)(?:/([^/?]+))?/\\?(?:.*&)?api-version=\\d{4}-\\d\\d-\\d\\d(-preview)?(?:&.*)?");

  /** Returns null for anything else. */
  static AzureUser of(String username) {
    Matcher form = FORM.matcher(username);
    return form.matches() ? new AzureUser(form.group(1), form.group(2), form.group(3)) : null;
  }

  /** Device or device/module, which must also be the client id. */
  String id() {
    return module == null ? device : device + "/" + module;
  }
}
