package routes.azure;

import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import routes.settings.SettingException;

/**
 * A device's connection string: {@code HostName=...;DeviceId=...;} and one of {@code
 * SharedAccessKey=...}, {@code SharedAccessSignature=...} and {@code x509=true}; optionally {@code
 * ;ModuleId=...;GatewayHostName=...} (learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas).
 *
 * @param hostName the hub's host name, such as edge.azure-devices.net
 * @param gateway the host to connect to instead of the hub
 * @param key the device's key, decoded from base64
 * @param signature a SAS token created elsewhere
 */
record ConnectionString(
    String hostName,
    String deviceId,
    Optional<String> moduleId,
    Optional<String> gateway,
    Optional<byte[]> key,
    Optional<SasToken> signature) {

  private static final String FIX =
      "use the device's own HostName=...;DeviceId=...;SharedAccessKey=..., as \"az iot"
          + " hub device-identity connection-string show\" prints it";
  private static final Set<String> CREDENTIALS =
      Set.of("sharedaccesskey", "sharedaccesssignature", "x509");
  private static final Map<String, String> NAMES =
      Map.of(
          "hostname", "HostName",
          "deviceid", "DeviceId",
          "moduleid", "ModuleId",
          "gatewayhostname", "GatewayHostName",
          "sharedaccesskey", "SharedAccessKey",
          "sharedaccesssignature", "SharedAccessSignature",
          "x509", "x509");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?");
  // Microsoft's characters without # and +, which no topic may contain.
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9.%_*?!(),:=@$'-]{1,128}");
  private static final int LEAST_KEY = 16;
  private static final int LARGEST_KEY = 64;

  /**
   * @param setting the setting with the string, for errors
   * @throws SettingException for any part that is malformed, missing or superfluous; never quotes
   *     the key
   */
  static ConnectionString parse(String setting, String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new SettingException(setting, e.getMessage() + "; " + FIX);
    }
  }

  private static ConnectionString parse(String text) {
    Map<String, String> parts = parts(text);
    long credentials = parts.keySet().stream().filter(CREDENTIALS::contains).count();
    if (credentials != 1) {
      throw wrong(
          (credentials == 0 ? "lacks one of" : "contains more than one of")
              + " SharedAccessKey, SharedAccessSignature and x509=true");
    }
    ConnectionString parsed =
        new ConnectionString(
            host(parts, "hostname").orElseThrow(() -> wrong("lacks HostName")),
            id(parts, "deviceid").orElseThrow(() -> wrong("lacks DeviceId")),
            id(parts, "moduleid"),
            host(parts, "gatewayhostname"),
            Optional.ofNullable(parts.get("sharedaccesskey")).map(ConnectionString::key),
            Optional.ofNullable(parts.get("sharedaccesssignature")).map(SasToken::given));
    parsed.signature.ifPresent(token -> token.checkCovers(parsed.resource()));
    return parsed;
  }

  private static Map<String, String> parts(String text) {
    Map<String, String> parts = new HashMap<>();
    for (String part : text.split(";")) {
      if (part.isBlank()) {
        continue;
      }
      // Never quote the part in a message: it may be a piece of the key.
      String[] pair = part.split("=", 2);
      String name = pair[0].strip().toLowerCase(Locale.ROOT);
      if (name.equals("sharedaccesskeyname")) {
        throw wrong(
            "contains SharedAccessKeyName, so it belongs to the hub and gives access to every device");
      }
      if (pair.length < 2 || !NAMES.containsKey(name)) {
        throw wrong(
            "contains a part other than " + String.join(", ", new TreeSet<>(NAMES.values())));
      }
      if (pair[1].isBlank()) {
        throw wrong("has no value for " + NAMES.get(name));
      }
      if (name.equals("x509") && !pair[1].strip().equalsIgnoreCase("true")) {
        throw wrong("has a value other than true for x509");
      }
      if (parts.put(name, pair[1].strip()) != null) {
        throw wrong("contains " + NAMES.get(name) + " twice");
      }
    }
    return parts;
  }

  private static Optional<String> host(Map<String, String> parts, String name) {
    String host = parts.get(name);
    if (host != null && !HOST.matcher(host).matches()) {
      throw wrong("has an invalid host name for " + NAMES.get(name));
    }
    return Optional.ofNullable(host);
  }

  private static Optional<String> id(Map<String, String> parts, String name) {
    String id = parts.get(name);
    if (id == null) {
      return Optional.empty();
    }
    try {
      id = Percent.decode(id);
    } catch (IllegalArgumentException e) {
      throw wrong("has a % without two hexadecimal digits in " + NAMES.get(name));
    }
    if (!ID.matcher(id).matches()) {
      throw wrong(
          "has an invalid "
              + NAMES.get(name)
              + " (allowed are 1 to 128 of A-Z a-z 0-9 - . % _ * ? ! ( ) , : = @ $ ')");
    }
    return Optional.of(id);
  }

  private static byte[] key(String base64) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw wrong("has a SharedAccessKey that is not base64");
    }
    if (key.length < LEAST_KEY || key.length > LARGEST_KEY) {
      throw wrong(
          "has a SharedAccessKey that is not " + LEAST_KEY + " to " + LARGEST_KEY + " bytes long");
    }
    return key;
  }

  /** An error whose message continues "the setting ...". */
  static IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(what);
  }

  /** Whether a certificate identifies the device and CONNECT has no password. */
  boolean x509() {
    return key.isEmpty() && signature.isEmpty();
  }

  /** The TCP and TLS host. */
  String host() {
    return gateway.orElse(hostName);
  }

  /** MQTT's client id: device or device/module. */
  String clientId() {
    return deviceId + moduleId.map(module -> "/" + module).orElse("");
  }

  /** The resource that a SAS token grants access to. */
  String resource() {
    return hostName
        + "/devices/"
        + deviceId
        + moduleId.map(module -> "/modules/" + module).orElse("");
  }

  /**
   * Checks a string that replaces this one while the gateway runs, with another key or token.
   *
   * @throws SettingException if the string belongs to another device, which requires a restart
   */
  ConnectionString checkSame(String setting, ConnectionString next) {
    if (!next.resource().equals(resource())
        || !next.gateway.equals(gateway)
        || next.x509() != x509()) {
      throw new SettingException(
          setting,
          "HostName, DeviceId, ModuleId, GatewayHostName or x509 has changed since the start;"
              + " restart to connect as "
              + next.resource());
    }
    return next;
  }

  /** Omits the secrets. */
  @Override
  public String toString() {
    return "ConnectionString[" + resource() + "]";
  }
}
