package routes.azure;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import routes.link.BrokerUrl;
import routes.link.BrokerUrl.Scheme;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.MqttVersion;
import routes.link.SettingNames;
import routes.sample.Device;
import routes.settings.SettingException;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;

/**
 * The settings of a gateway of kind azure.
 *
 * @param topics this device's topics at the hub
 */
record AzureSettings(
    ConnectionSettings connection, AzureCredentials credentials, AzureTopics topics) {
  private static final String CONNECTION_STRING = "connection-string";
  private static final String CERTIFICATE = "certificate";
  private static final String PRIVATE_KEY = "private-key";
  private static final String LIFETIME = "token-lifetime";
  private static final Duration SHORTEST_LIFE = Duration.ofSeconds(5);
  private static final Duration LONGEST_LIFE = Duration.ofDays(365);
  static final String WEB_SOCKET = "/$iothub/websocket";
  static final int WEB_SOCKET_PORT = 443;
  // The hub's limit is not published; its preview of MQTT 5 announces a Receive Maximum of 16.
  private static final int MOST_IN_FLIGHT = 100;
  // The hub disconnects after 1.5 times the keep-alive, but after 1767 s at the latest.
  private static final int LONGEST_KEEP_ALIVE = 1177;

  /**
   * @throws SettingException for the first setting that is missing or invalid
   */
  static AzureSettings read(GatewaySettings settings) {
    Optional<Registration> registration = Registration.read(settings);
    String setting =
        settings.key(registration.isPresent() ? Registration.ID_SCOPE : CONNECTION_STRING);
    ConnectionString device = connectionString(settings);
    AzureCredentials credentials =
        new AzureCredentials(
            () -> device.checkSame(setting, provisioned(settings)),
            lifetime(settings),
            Clock.systemUTC(),
            setting);
    if (registration.isEmpty() || AssignedDevice.isKnown(settings, registration.get())) {
      credentials.get();
    }
    SettingNames names =
        registration.isPresent()
            ? assignedNames(device, settings, setting)
            : names(device, settings);
    TlsFiles tls = names.tls(settings.all());
    tls.get();
    Device own = Device.of(settings.all());
    AzureTopics topics = new AzureTopics(device, own.id(), own.labels());
    ConnectionPolicy policy =
        ConnectionPolicy.read(settings, MOST_IN_FLIGHT, 1, LONGEST_KEEP_ALIVE)
            .withLargestPayload(topics.largestPayload())
            .withGreetings(AzureTopics.GREETINGS);
    return new AzureSettings(
        new ConnectionSettings(
            url(device, settings.integer("port", 1, 65_535)),
            device.clientId(),
            tls,
            List.of(),
            false,
            MqttVersion.V3_1_1,
            names,
            policy),
        credentials,
        topics);
  }

  private static ConnectionString connectionString(GatewaySettings settings) {
    Optional<Registration> registration = Registration.read(settings);
    if (registration.isPresent()) {
      return AssignedDevice.connectionString(settings, registration.get());
    }
    return ConnectionString.parse(
        settings.key(CONNECTION_STRING),
        settings.require(
            CONNECTION_STRING,
            "the device's HostName=...;DeviceId=...;SharedAccessKey=..., as \"az iot hub"
                + " device-identity connection-string show\" prints it"));
  }

  private static ConnectionString provisioned(GatewaySettings settings) {
    Registration.read(settings)
        .filter(registration -> !AssignedDevice.isKnown(settings, registration))
        .ifPresent(
            registration -> {
              throw settings.wrong(
                  Registration.ID_SCOPE,
                  "this device is not provisioned yet; run the subcommand provision");
            });
    return connectionString(settings);
  }

  /** For a device that the Device Provisioning Service has assigned. */
  private static SettingNames assignedNames(
      ConnectionString device, GatewaySettings settings, String setting) {
    String hint = ", this device's clock; \"provision --again %s\" registers the device again";
    String certificate = device.x509() ? settings.key(CERTIFICATE) : null;
    return new SettingNames(
        settings.key("ca"),
        certificate,
        device.x509() ? settings.key(PRIVATE_KEY) : null,
        (certificate == null ? setting : certificate) + hint.formatted(settings.name()),
        setting,
        setting + ", " + settings.key("port"),
        null);
  }

  private static Duration lifetime(GatewaySettings settings) {
    Duration lifetime = settings.duration(LIFETIME);
    if (lifetime.compareTo(SHORTEST_LIFE) < 0 || lifetime.compareTo(LONGEST_LIFE) > 0) {
      throw settings.wrong(LIFETIME, "must be between 5s and 365d");
    }
    return lifetime;
  }

  private static SettingNames names(ConnectionString device, GatewaySettings settings) {
    String setting = settings.key(CONNECTION_STRING);
    String ca = settings.key("ca");
    if (device.x509()) {
      String why = ", because " + setting + " contains x509=true";
      settings.require(CERTIFICATE, "the PEM file of this device's certificate" + why);
      settings.require(PRIVATE_KEY, "the PEM file of this device's key" + why);
      String certificate = settings.key(CERTIFICATE);
      return new SettingNames(
          ca,
          certificate,
          settings.key(PRIVATE_KEY),
          certificate,
          setting,
          address(settings),
          null);
    }
    for (String key : List.of(CERTIFICATE, PRIVATE_KEY)) {
      if (settings.find(key).isPresent()) {
        throw settings.wrong(
            key,
            "is set but not used; remove it, or replace SharedAccessKey or SharedAccessSignature in "
                + setting
                + " with x509=true");
      }
    }
    return new SettingNames(
        ca, null, null, setting + ", and this device's clock", setting, address(settings), null);
  }

  private static String address(GatewaySettings settings) {
    return settings.key(CONNECTION_STRING) + ", " + settings.key("port");
  }

  /** MQTT over WebSocket on port 443, plain MQTT on any other port; always with TLS. */
  private static BrokerUrl url(ConnectionString device, int port) {
    if (port != WEB_SOCKET_PORT) {
      return new BrokerUrl(Scheme.SSL, device.host(), port, "");
    }
    return new BrokerUrl(Scheme.WSS, device.host(), port, webSocketPath(device));
  }

  static String webSocketPath(ConnectionString device) {
    return WEB_SOCKET + (device.x509() ? "" : "?iothub-no-client-cert=true");
  }
}
