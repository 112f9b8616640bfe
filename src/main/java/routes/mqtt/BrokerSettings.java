package routes.mqtt;

import java.util.List;
import java.util.Optional;
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
   * @throws routes.settings.SettingException for the first missing or invalid setting
   */
  static ConnectionSettings connection(GatewaySettings settings) {
    BrokerUrl url =
        BrokerUrl.parse(
            settings.key("url"),
            settings.require("url", "the broker's address, such as ssl://host:8883"));
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
    String id =
        settings.find("client-id").orElseGet(() -> settings.all().require("device.id", "an id"));
    Optional<String> replica = settings.replica();
    return new ConnectionSettings(
        url,
        replica.map(name -> id + "-" + name).orElse(id),
        tls,
        List.of(),
        // Commands wait for a disconnected device, but not for one of several replicas.
        settings.find(BrokerCommands.KEY).isEmpty() || replica.isPresent(),
        MqttVersion.parse(settings, "version"),
        names,
        ConnectionPolicy.read(settings));
  }

  /** User name and password, read before each CONNECT. */
  static Supplier<Credential> credentials(GatewaySettings settings) {
    return () -> new Credential(settings.find("username"), settings.find("password"));
  }
}
