package routes.mqtt;

import java.util.List;
import java.util.function.Supplier;
import routes.link.BrokerUrl;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.link.SettingNames;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.tls.TlsFiles;

/** The settings of the gateway mqtt. */
final class MqttSettings {
  static final String GATEWAY = "mqtt";
  private static final SettingNames NAMES =
      new SettingNames(
          "mqtt.ca",
          "mqtt.certificate",
          "mqtt.private-key",
          "mqtt.username, mqtt.password",
          "mqtt.client-id");
  private static final int TOPIC_LIMIT = 65_535;

  private MqttSettings() {}

  /**
   * @throws SettingException for what is missing or wrong, in one line
   */
  static ConnectionSettings read(Settings settings) {
    BrokerUrl url =
        BrokerUrl.parse(
            "mqtt.url", settings.require("mqtt.url", "the broker's address, as ssl://host:8883"));
    TlsFiles tls = NAMES.tls(settings);
    if (url.scheme().tls) {
      tls.get();
    }
    checkTopic(settings.require("mqtt.topic", "the topic of the samples"));
    String clientId =
        settings.find("mqtt.client-id").orElseGet(() -> settings.require("device.id", "an id"));
    ConnectionPolicy policy =
        ConnectionPolicy.read(new routes.uplink.GatewaySettings(settings, GATEWAY, GATEWAY));
    return new ConnectionSettings(url, clientId, tls, List.of(), true, NAMES, policy);
  }

  private static void checkTopic(String topic) {
    if (topic.contains("+") || topic.contains("#") || topic.length() > TOPIC_LIMIT) {
      throw new SettingException(
          "mqtt.topic",
          "\"" + topic + "\" is no topic to publish to: it should be without + and #");
    }
  }

  /** Asked before each CONNECT: user name and password as they are set then. */
  static Supplier<Credential> credentials(Settings settings) {
    return () -> new Credential(settings.find("mqtt.username"), settings.find("mqtt.password"));
  }
}
