package routes.azure;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import routes.link.BrokerUrl;
import routes.link.BrokerUrl.Scheme;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.link.MqttMessage;
import routes.link.MqttVersion;
import routes.link.SettingNames;
import routes.link.ShortConnection;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;
import routes.uplink.Identity;
import routes.uplink.Json;
import routes.uplink.Provisioner;
import routes.uplink.ProvisioningException;

/**
 * Registers this device with Azure's Device Provisioning Service over MQTT 3.1.1, and learns its
 * hub and device id (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-dps).
 */
public final class AzureProvisioner implements Provisioner {
  private static final String API_VERSION = "2019-03-31";
  private static final String ANSWERS = "$dps/registrations/res/";
  private static final String REGISTER = "$dps/registrations/PUT/iotdps-register/?$rid=";
  private static final String POLL = "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=";
  private static final Duration TOKEN_LIFE = Duration.ofHours(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int LONGEST_KEEP_ALIVE = 1177;

  private final GatewaySettings settings;
  private final Registration registration;
  private int requests;

  private AzureProvisioner(GatewaySettings settings, Registration registration) {
    this.settings = settings;
    this.registration = registration;
  }

  /**
   * Reads the settings {@code dps.*} of a gateway; empty if there is a connection string, or no id
   * scope.
   *
   * @throws routes.settings.SettingException for the first missing or invalid setting
   */
  public static Optional<Provisioner> open(GatewaySettings settings) {
    Optional<Registration> registration = Registration.read(settings);
    registration
        .filter(each -> !AssignedDevice.hasCredential(settings, each))
        .ifPresent(
            each -> {
              throw AssignedDevice.missingCredential(settings);
            });
    return registration.map(each -> new AzureProvisioner(settings, each));
  }

  @Override
  public Map<String, String> registration() {
    return registration.fields();
  }

  @Override
  public Optional<String> problem(Identity stored) {
    return AssignedDevice.problem(registration, stored);
  }

  @Override
  public String describe(Identity identity) {
    return AssignedDevice.describe(identity);
  }

  @Override
  public Identity request() throws ProvisioningException {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    try (ShortConnection service = ShortConnection.open(connection(), this::credential)) {
      service.subscribe(ANSWERS + "#");
      byte[] body = Json.write(Json.object().put("registrationId", registration.id()));
      DpsAnswer answer = ask(service, REGISTER, "", body);
      while (answer.pending()) {
        if (System.nanoTime() + answer.retryAfter().toNanos() > deadline) {
          throw new ProvisioningException(
              "the service has assigned no hub within " + LONGEST.toMinutes() + " minutes",
              answer.retryAfter());
        }
        pause(answer.retryAfter());
        answer = ask(service, POLL, "&operationId=" + answer.operationId(), new byte[0]);
      }
      JsonNode state = answer.assigned(settings, registration);
      Identity identity =
          AssignedDevice.identity(
              keyed(), state.path("assignedHub").asText(), state.path("deviceId").asText());
      if (!AssignedDevice.isValid(settings, registration, identity)) {
        throw new ProvisioningException("the service assigned an invalid hub or device id");
      }
      return identity;
    }
  }

  /** With the stored key if the settings have none, as for {@code provision --again}. */
  private Registration keyed() {
    return registration.x509()
        ? registration
        : registration.withKey(AssignedDevice.key(settings, registration));
  }

  private DpsAnswer ask(ShortConnection service, String topic, String query, byte[] body)
      throws ProvisioningException {
    String id = String.valueOf(++requests);
    MqttMessage request = new MqttMessage(topic + id + query, body);
    return DpsAnswer.of(
        service.request(request, message -> DpsAnswer.isTo(id, message.topic())), ANSWERS);
  }

  private static void pause(Duration pause) throws ProvisioningException {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProvisioningException("interrupted");
    }
  }

  /** The user name and, unless a certificate identifies the device, a SAS token. */
  private Credential credential() {
    Optional<String> user = Optional.of(registration.resource() + "/api-version=" + API_VERSION);
    if (registration.x509()) {
      return new Credential(user, Optional.empty());
    }
    byte[] key = AssignedDevice.connectionString(settings, registration).key().orElseThrow();
    SasToken token =
        SasToken.sign(registration.resource(), key, Instant.now().plus(TOKEN_LIFE))
            .withPolicy("registration");
    return new Credential(user, Optional.of(token.text()));
  }

  private ConnectionSettings connection() {
    String identity =
        settings.key(Registration.ID_SCOPE) + ", " + settings.key(Registration.ID) + ", ";
    String certificate = registration.x509() ? settings.key("certificate") : null;
    SettingNames names =
        new SettingNames(
            settings.key("ca"),
            certificate,
            registration.x509() ? settings.key("private-key") : null,
            identity + credentialName() + " and this device's clock",
            settings.key(Registration.ID),
            settings.key(Registration.HOST) + ", " + settings.key("port"),
            null);
    TlsFiles tls = names.tls(settings.all());
    tls.get();
    // The path, without a query, is that of azure-iot-sdk-c (prov_transport_mqtt_ws_client.c).
    boolean webSocket = registration.port() == AzureSettings.WEB_SOCKET_PORT;
    BrokerUrl url =
        new BrokerUrl(
            webSocket ? Scheme.WSS : Scheme.SSL,
            registration.host(),
            registration.port(),
            webSocket ? AzureSettings.WEB_SOCKET : "");
    return new ConnectionSettings(
        url,
        registration.id(),
        tls,
        List.of(),
        true,
        MqttVersion.V3_1_1,
        names,
        ConnectionPolicy.read(settings, 100, 1, LONGEST_KEEP_ALIVE));
  }

  private String credentialName() {
    return settings.key(registration.credential(settings))
        + (registration.x509() ? " (the enrollment must know it or its CA)" : "");
  }
}
