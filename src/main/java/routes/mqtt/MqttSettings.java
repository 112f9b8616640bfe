package routes.mqtt;

import java.time.Duration;
import java.util.function.Supplier;
import routes.SettingException;
import routes.Settings;

/** The settings of the gateway mqtt. */
final class MqttSettings {
  static final String GATEWAY = "mqtt";
  private static final int KEEP_ALIVE_LIMIT = 65_535;
  private static final int TOPIC_LIMIT = 65_535;

  private MqttSettings() {}

  /**
   * @throws SettingException for what is missing or wrong, in one line
   */
  static Mqtt5Settings read(Settings settings) {
    BrokerUrl url =
        BrokerUrl.parse(
            "mqtt.url", settings.require("mqtt.url", "the broker's address, as ssl://host:8883"));
    TlsFiles tls = new TlsFiles(settings, GATEWAY);
    if (url.scheme().tls) {
      tls.get();
    }
    checkTopic(settings.require("mqtt.topic", "the topic of the samples"));
    String clientId =
        settings.find("mqtt.client-id").orElseGet(() -> settings.require("device.id", "an id"));
    ConnectionPolicy policy =
        new ConnectionPolicy(
            GATEWAY,
            url.address() + " as " + clientId,
            settings.integer("gateway.in-flight", 1, 65_535),
            settings.duration("mqtt.publish-timeout"),
            settings.duration("reconnect.min"),
            settings.duration("reconnect.max"));
    return new Mqtt5Settings(url, clientId, tls, keepAlive(settings), policy);
  }

  private static void checkTopic(String topic) {
    if (topic.contains("+") || topic.contains("#") || topic.length() > TOPIC_LIMIT) {
      throw new SettingException(
          "mqtt.topic",
          "\"" + topic + "\" is no topic to publish to: it should be without + and #");
    }
  }

  private static Duration keepAlive(Settings settings) {
    Duration keepAlive = settings.duration("mqtt.keep-alive");
    if (keepAlive.toSeconds() < 1 || keepAlive.toSeconds() > KEEP_ALIVE_LIMIT) {
      throw new SettingException(
          "mqtt.keep-alive", "should be from 1s to " + KEEP_ALIVE_LIMIT + "s");
    }
    return keepAlive;
  }

  /** Asked before each CONNECT: user name and password as they are set then. */
  static Supplier<Credential> credentials(Settings settings) {
    return () -> new Credential(settings.find("mqtt.username"), settings.find("mqtt.password"));
  }
}
