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
 * SharedAccessKey=...}, {@code SharedAccessSignature=...} and {@code x509=true}; at will {@code
 * ;ModuleId=...;GatewayHostName=...} (learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas).
 *
 * @param hostName the hub's, as edge.azure-devices.net
 * @param gateway the host to connect to instead of the hub
 * @param key the device's, from base64
 * @param signature a SAS token made elsewhere
 */
record ConnectionString(
    String hostName,
    String deviceId,
    Optional<String> moduleId,
    Optional<String> gateway,
    Optional<byte[]> key,
    Optional<SasToken> signature) {

  private static final String SHOULD =
      "it should be the device's own, HostName=...;DeviceId=...;SharedAccessKey=..., as \"az iot"
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
  // Microsoft's characters but # and +, which no topic may hold.
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9.%_*?!(),:=@$'-]{1,128}");
  private static final int LEAST_KEY = 16;
  private static final int LARGEST_KEY = 64;

  /**
   * @param setting the setting that holds it, for errors
   * @throws SettingException for everything that is malformed, missing or too much; without the key
   */
  static ConnectionString parse(String setting, String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new SettingException(setting, e.getMessage() + ": " + SHOULD);
    }
  }

  private static ConnectionString parse(String text) {
    Map<String, String> parts = parts(text);
    long credentials = parts.keySet().stream().filter(CREDENTIALS::contains).count();
    if (credentials != 1) {
      throw wrong(
          (credentials == 0 ? "lacks" : "holds more than one of")
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
      // Never the part itself in a message: it may be a piece of the key.
      String[] pair = part.split("=", 2);
      String name = pair[0].strip().toLowerCase(Locale.ROOT);
      if (name.equals("sharedaccesskeyname")) {
        throw wrong("is the hub's, by SharedAccessKeyName, and opens every device");
      }
      if (pair.length < 2 || !NAMES.containsKey(name)) {
        throw wrong(
            "holds a part that is none of " + String.join(", ", new TreeSet<>(NAMES.values())));
      }
      if (pair[1].isBlank()) {
        throw wrong("has nothing behind " + NAMES.get(name) + "=");
      }
      if (name.equals("x509") && !pair[1].strip().equalsIgnoreCase("true")) {
        throw wrong("has x509= without true");
      }
      if (parts.put(name, pair[1].strip()) != null) {
        throw wrong("holds " + NAMES.get(name) + " twice");
      }
    }
    return parts;
  }

  private static Optional<String> host(Map<String, String> parts, String name) {
    String host = parts.get(name);
    if (host != null && !HOST.matcher(host).matches()) {
      throw wrong("has no host's name behind " + NAMES.get(name) + "=");
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
      throw wrong("has a % behind " + NAMES.get(name) + "= that isn't followed by two digits");
    }
    if (!ID.matcher(id).matches()) {
      throw wrong(
          "has no id behind "
              + NAMES.get(name)
              + "=, 1 to 128 of A-Z a-z 0-9 - . % _ * ? ! ( ) ,"
              + " : = @ $ '");
    }
    return Optional.of(id);
  }

  private static byte[] key(String base64) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw wrong("has a SharedAccessKey that isn't base64");
    }
    if (key.length < LEAST_KEY || key.length > LARGEST_KEY) {
      throw wrong(
          "has a SharedAccessKey that isn't of " + LEAST_KEY + " to " + LARGEST_KEY + " bytes");
    }
    return key;
  }

  /** The start of the line that names the setting. */
  static IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(what);
  }

  /** Whether TLS shows who the device is, and CONNECT has no password. */
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

  /** What a SAS token opens. */
  String resource() {
    return hostName
        + "/devices/"
        + deviceId
        + moduleId.map(module -> "/modules/" + module).orElse("");
  }

  /**
   * Returns a string that replaces this one while the gateway runs: another key or token.
   *
   * @throws SettingException if the string is another device's, which takes a restart
   */
  ConnectionString checkSame(String setting, ConnectionString next) {
    if (!next.resource().equals(resource())
        || !next.gateway.equals(gateway)
        || next.x509() != x509()) {
      throw new SettingException(
          setting,
          "now has another HostName, DeviceId, ModuleId, GatewayHostName or x509 than at the"
              + " start: restart to connect as "
              + next.resource());
    }
    return next;
  }

  /** Without what is secret, whoever logs it. */
  @Override
  public String toString() {
    return "ConnectionString[" + resource() + "]";
  }
}
