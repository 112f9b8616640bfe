package routes.azure;

import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import routes.settings.SettingException;
import routes.tls.PemFile;
import routes.uplink.GatewaySettings;

/**
 * This device's registration with the Device Provisioning Service, from the settings {@code dps.*}
 * (learn.microsoft.com/azure/iot-dps/concepts-service).
 *
 * @param host of the service
 * @param idScope identifies the instance of the service
 * @param id the registration id; with a certificate, the common name of its subject
 * @param key the device's key, base64, derived from the group's key if that is set; empty with a
 *     certificate, or if only the stored identity has it
 * @param x509 whether a certificate identifies the device
 */
record Registration(
    String host, int port, String idScope, String id, Optional<String> key, boolean x509) {
  static final String HOST = "dps.host";
  static final String ID_SCOPE = "dps.id-scope";
  static final String ID = "dps.registration-id";
  static final String GROUP_KEY = "dps.group-key";
  static final String DEVICE_KEY = "dps.device-key";

  private static final Pattern SCOPE = Pattern.compile("[A-Za-z0-9]{1,64}");
  private static final Pattern ID_PATTERN = Pattern.compile("[A-Za-z0-9._:-]{0,127}[A-Za-z0-9-]");
  private static final Pattern ADDRESS =
      Pattern.compile("([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\\d{1,5}))?");
  private static final int LEAST_KEY = 16;
  private static final int LARGEST_KEY = 64;

  /**
   * Reads the settings; empty if there is a connection string, or no id scope.
   *
   * @throws SettingException for the first missing or invalid setting
   */
  static Optional<Registration> read(GatewaySettings settings) {
    if (settings.find("connection-string").isPresent()) {
      return Optional.empty();
    }
    return settings.find(ID_SCOPE).map(scope -> read(settings, scope));
  }

  private static Registration read(GatewaySettings settings, String scope) {
    if (!SCOPE.matcher(scope).matches()) {
      throw settings.wrong(
          ID_SCOPE,
          "is not an ID scope such as 0ne00ABCDEF; use the one that \"az iot dps show\" prints as"
              + " idScope");
    }
    String id = settings.require(ID, "the registration id");
    if (!ID_PATTERN.matcher(id).matches()) {
      throw settings.wrong(
          ID,
          "\""
              + id
              + "\" is not a registration id; use 1 to 128 letters, digits, '-', '.', '_' and ':',"
              + " with a letter, a digit or '-' at the end");
    }
    Matcher address = ADDRESS.matcher(settings.require(HOST, "the service's host"));
    int port =
        address.matches() && address.group(2) != null
            ? Integer.parseInt(address.group(2))
            : settings.integer("port", 1, 65_535);
    if (!address.matches() || port == 0 || port > 65_535) {
      throw settings.wrong(
          HOST, "is not a host or host:port; use global.azure-devices-provisioning.net");
    }
    boolean x509 = settings.find("certificate").isPresent();
    if (x509) {
      checkCertificate(settings, id);
    }
    return new Registration(address.group(1), port, scope, id, key(settings, id, x509), x509);
  }

  private static Optional<String> key(GatewaySettings settings, String id, boolean x509) {
    List<String> given =
        List.of(GROUP_KEY, DEVICE_KEY).stream()
            .filter(key -> settings.find(key).isPresent())
            .toList();
    if (given.size() > 1) {
      throw settings.wrong(
          DEVICE_KEY, "both it and " + settings.key(GROUP_KEY) + " are set; remove one");
    }
    if (given.isEmpty()) {
      return Optional.empty();
    }
    String name = given.get(0);
    if (x509) {
      throw settings.wrong(
          name, "both it and " + settings.key("certificate") + " are set; remove one");
    }
    byte[] key = decode(settings, name);
    return Optional.of(
        Base64.getEncoder().encodeToString(name.equals(GROUP_KEY) ? SasToken.hmac(key, id) : key));
  }

  private static byte[] decode(GatewaySettings settings, String name) {
    try {
      byte[] key = Base64.getDecoder().decode(settings.find(name).orElseThrow().strip());
      if (key.length >= LEAST_KEY && key.length <= LARGEST_KEY) {
        return key;
      }
    } catch (IllegalArgumentException e) {
      // the same message as for another length
    }
    throw settings.wrong(
        name,
        "is not a symmetric key; use the base64 text that \"az iot dps enrollment-group "
            + (name.equals(GROUP_KEY) ? "show --show-keys" : "compute-device-key")
            + "\" prints");
  }

  private static void checkCertificate(GatewaySettings settings, String id) {
    settings.require(
        "private-key",
        "the PEM file of the key, because " + settings.key("certificate") + " is set");
    if (!settings.all().readsCertificates()) {
      return;
    }
    String key = settings.key("certificate");
    settings
        .file("certificate")
        .map(file -> new PemFile(key, file).certificates().get(0))
        .flatMap(Registration::commonName)
        .filter(name -> !name.equals(id))
        .ifPresent(
            name -> {
              throw settings.wrong(
                  ID,
                  "\""
                      + id
                      + "\" is not the common name of "
                      + key
                      + "; set it to \""
                      + name
                      + "\"");
            });
  }

  private static Optional<String> commonName(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .map(Rdn::getValue)
              .map(String::valueOf)
              .findFirst();
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  Registration withKey(Optional<String> other) {
    return new Registration(host, port, idScope, id, other, x509);
  }

  /** The user name of CONNECT, and what a token grants access to. */
  String resource() {
    return idScope + "/registrations/" + id;
  }

  /** What a stored identity must have been registered under. */
  Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("service", host);
    fields.put("id-scope", idScope);
    fields.put("registration-id", id);
    return fields;
  }

  /** The setting with the credential. */
  String credential(GatewaySettings settings) {
    if (x509) {
      return "certificate";
    }
    return settings.find(GROUP_KEY).isPresent() ? GROUP_KEY : DEVICE_KEY;
  }

  /** Omits the key. */
  @Override
  public String toString() {
    return "Registration[" + resource() + " at " + host + "]";
  }
}
