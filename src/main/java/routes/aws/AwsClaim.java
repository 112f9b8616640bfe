package routes.aws;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;
import routes.uplink.IdentityFile;

/**
 * The settings {@code provisioning.*}: which template of fleet provisioning creates this device's
 * thing and certificate (docs.aws.amazon.com/iot/latest/developerguide/provision-wo-cert.html).
 *
 * @param parameters of the template, sorted
 * @param keyFromDevice whether this device creates its key; otherwise AWS does
 */
record AwsClaim(
    AwsEndpoint endpoint, String template, Map<String, String> parameters, boolean keyFromDevice) {
  static final String TEMPLATE = "provisioning.template";
  static final String CERTIFICATE = "provisioning.claim-certificate";
  static final String PRIVATE_KEY = "provisioning.claim-private-key";
  static final String PARAMETERS = "provisioning.parameters";
  static final String KEY_FROM = "provisioning.key-from";

  private static final Pattern NAME = Pattern.compile("[0-9A-Za-z_-]{1,36}");
  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9_.:-]{1,128}");

  /**
   * Reads the settings; empty if there is a certificate, or no template.
   *
   * @throws SettingException for the first missing or invalid setting
   */
  static Optional<AwsClaim> read(GatewaySettings settings) {
    String stored = IdentityFile.of(settings).path().toString();
    if (settings.find("certificate").filter(path -> !path.equals(stored)).isPresent()) {
      return Optional.empty();
    }
    return settings.find(TEMPLATE).map(template -> read(settings, template));
  }

  private static AwsClaim read(GatewaySettings settings, String template) {
    if (!NAME.matcher(template).matches()) {
      throw settings.wrong(
          TEMPLATE,
          "\""
              + template
              + "\" is not a template's name; use 1 to 36 letters, digits, '_' and '-'");
    }
    String from = settings.require(KEY_FROM, "device or aws");
    if (!from.equals("device") && !from.equals("aws")) {
      throw settings.wrong(KEY_FROM, "\"" + from + "\" must be device or aws");
    }
    settings.require(CERTIFICATE, "the claim certificate's PEM file");
    settings.require(PRIVATE_KEY, "the PEM file with the claim certificate's private key");
    return new AwsClaim(
        AwsEndpoint.read(settings), template, parameters(settings), from.equals("device"));
  }

  private static Map<String, String> parameters(GatewaySettings settings) {
    Map<String, String> parameters = new TreeMap<>();
    for (String pair : settings.all().list(settings.key(PARAMETERS))) {
      int equals = pair.indexOf('=');
      String name = pair.substring(0, Math.max(0, equals)).strip();
      if (!PARAMETER.matcher(name).matches() || pair.matches("(?s).*\\p{Cc}.*")) {
        throw settings.wrong(
            PARAMETERS,
            "\"" + pair + "\" is not a parameter; use name=value pairs such as SerialNumber=7");
      }
      parameters.put(name, pair.substring(equals + 1).strip());
    }
    return parameters;
  }

  /** What a stored identity must have been registered under. */
  Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("service", endpoint.host());
    fields.put("template", template);
    fields.put(
        "parameters",
        parameters.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(",")));
    return fields;
  }
}
