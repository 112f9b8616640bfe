package routes.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.link.MqttMessage;
import routes.link.MqttVersion;
import routes.link.SettingNames;
import routes.link.ShortConnection;
import routes.tls.CertificateRequest;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;
import routes.uplink.Identity;
import routes.uplink.Json;
import routes.uplink.Provisioner;
import routes.uplink.ProvisioningException;

/**
 * Fleet provisioning by claim: a connection with the certificate that all devices share gets this
 * device its own certificate and thing
 * (docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html).
 *
 * <p>If the connection is lost after the last request, the account keeps a certificate whose key
 * nobody has. AWS deletes a certificate that no template has activated after an hour.
 */
public final class AwsProvisioner implements Provisioner {
  private static final String FROM_REQUEST = "$aws/certificates/create-from-csr/json";
  private static final String CREATE = "$aws/certificates/create/json";
  private static final String ACCEPTED = "/accepted";
  private static final String REJECTED = "/rejected";

  /** The claim certificate alone identifies the device. */
  private static final Credential NONE = new Credential(Optional.empty(), Optional.empty());

  private final GatewaySettings settings;
  private final AwsClaim claim;

  private AwsProvisioner(GatewaySettings settings, AwsClaim claim) {
    this.settings = settings;
    this.claim = claim;
  }

  /**
   * Reads the settings {@code provisioning.*} of a gateway; empty if there is a certificate, or no
   * template.
   *
   * @throws routes.settings.SettingException for the first missing or invalid setting
   */
  public static Optional<Provisioner> open(GatewaySettings settings) {
    return AwsClaim.read(settings).map(claim -> new AwsProvisioner(settings, claim));
  }

  @Override
  public Map<String, String> registration() {
    return claim.fields();
  }

  @Override
  public Optional<String> problem(Identity stored) {
    return AwsThing.problem(stored);
  }

  @Override
  public String describe(Identity identity) {
    return AwsThing.describe(identity);
  }

  @Override
  public Identity request() throws ProvisioningException {
    try (ShortConnection service = ShortConnection.open(connection(), () -> NONE)) {
      CertificateRequest own =
          claim.keyFromDevice() ? CertificateRequest.create(commonName()) : null;
      JsonNode issued =
          own == null
              ? ask(service, CREATE, new byte[0])
              : ask(service, FROM_REQUEST, request(own));
      String certificate = text(issued, "certificatePem");
      String key = own == null ? text(issued, "privateKey") : own.privateKeyPem();
      checkKey(certificate, own);
      ObjectNode registration =
          Json.object().put("certificateOwnershipToken", text(issued, "certificateOwnershipToken"));
      claim.parameters().forEach(registration.putObject("parameters")::put);
      JsonNode thing =
          ask(
              service,
              "$aws/provisioning-templates/" + claim.template() + "/provision/json",
              Json.write(registration));
      String name = text(thing, "thingName");
      if (!AwsSettings.THING.matcher(name).matches()) {
        throw new ProvisioningException("the template gave the thing an invalid name");
      }
      return AwsThing.identity(claim, name, text(issued, "certificateId"), certificate, key);
    }
  }

  /** The subject of the request; AWS identifies a certificate by its fingerprint. */
  private String commonName() {
    String id = AwsSettings.thing(settings);
    return id.substring(0, Math.min(64, id.length()));
  }

  private static byte[] request(CertificateRequest own) {
    return Json.write(Json.object().put("certificateSigningRequest", own.pem()));
  }

  private JsonNode ask(ShortConnection service, String topic, byte[] request)
      throws ProvisioningException {
    service.subscribe(topic + ACCEPTED, topic + REJECTED);
    MqttMessage answer =
        service.request(
            new MqttMessage(topic, request),
            message ->
                message.topic().equals(topic + ACCEPTED)
                    || message.topic().equals(topic + REJECTED));
    Optional<JsonNode> body = Json.read(answer.payload());
    if (body.isEmpty() || !body.get().isObject()) {
      throw new ProvisioningException("the answer on " + answer.topic() + " is not JSON");
    }
    if (answer.topic().endsWith(REJECTED)) {
      throw AwsRejection.of(body.get(), settings, claim, topic);
    }
    return body.get();
  }

  private static String text(JsonNode answer, String field) throws ProvisioningException {
    String text = answer.path(field).asText();
    // An identity has one line per field; PEM begins with dashes.
    if (text.isBlank() || !text.startsWith("-----") && text.contains("\n")) {
      throw new ProvisioningException(
          "AWS's answer lacks "
              + field
              + (field.equals("thingName") ? "; the template must create a thing" : ""));
    }
    return text;
  }

  private static void checkKey(String pem, CertificateRequest own) throws ProvisioningException {
    Optional<X509Certificate> certificate = AwsThing.certificate(pem);
    if (certificate.isEmpty()
        || own != null && !certificate.get().getPublicKey().equals(own.publicKey())) {
      throw new ProvisioningException("AWS's answer has no certificate of this device's key");
    }
  }

  private ConnectionSettings connection() {
    String certificate = settings.key(AwsClaim.CERTIFICATE);
    SettingNames names =
        new SettingNames(
            settings.key("root-ca"),
            certificate,
            settings.key(AwsClaim.PRIVATE_KEY),
            certificate + " and its policy",
            settings.key("thing"),
            settings.key("endpoint"),
            null);
    TlsFiles tls = names.tls(settings.all());
    tls.get();
    return new ConnectionSettings(
        claim.endpoint().url(),
        AwsSettings.thing(settings),
        tls,
        claim.endpoint().alpn(),
        true,
        MqttVersion.V5,
        names,
        ConnectionPolicy.read(
            settings, 100, AwsSettings.LEAST_KEEP_ALIVE, AwsSettings.MOST_KEEP_ALIVE));
  }
}
