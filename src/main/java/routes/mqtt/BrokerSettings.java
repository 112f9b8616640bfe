package routes.mqtt;

import java.util.List;
import java.util.function.Supplier;
import routes.link.BrokerUrl;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.link.MqttVersion;
import routes.link.SettingNames;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;

/** The settings of a gateway of kind mqtt. */
final class BrokerSettings {
  private BrokerSettings() {}

  /**
   * @throws routes.settings.SettingException for what is missing or wrong, in one line
   */
  static ConnectionSettings connection(GatewaySettings settings) {
    BrokerUrl url =
        BrokerUrl.parse(
            settings.key("url"),
            settings.require("url", "the broker's address, as ssl://host:8883"));
    SettingNames names =
        new SettingNames(
            settings.key("ca"),
            settings.key("certificate"),
            settings.key("private-key"),
            settings.key("username") + ", " + settings.key("password"),
            settings.key("client-id"),
            settings.key("url"),
            settings.key("topic"));
    if (settings.find("password").isPresent() && settings.find("username").isEmpty()) {
      throw settings.wrong("username", "is not set, but " + settings.key("password") + " is");
    }
    TlsFiles tls = names.tls(settings.all());
    if (url.scheme().tls) {
      tls.get();
    }
    String clientId =
        settings.find("client-id").orElseGet(() -> settings.all().require("device.id", "an id"));
    return new ConnectionSettings(
        url,
        clientId,
        tls,
        List.of(),
        true,
        MqttVersion.parse(settings, "version"),
        names,
        ConnectionPolicy.read(settings));
  }

  /** Asked before each CONNECT: user name and password as they are set then. */
  static Supplier<Credential> credentials(GatewaySettings settings) {
    return () -> new Credential(settings.find("username"), settings.find("password"));
  }
}
