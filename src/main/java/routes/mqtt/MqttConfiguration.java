package routes.mqtt;

import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import routes.link.DeviceClient;
import routes.link.MessageProperties;
import routes.link.Mqtt5Client;
import routes.settings.SettingException;
import routes.settings.Settings;

/** What the route of gateway mqtt uses by name: the client and the message's properties. */
public final class MqttConfiguration implements CamelConfiguration {
  /**
   * Looks at the settings without connecting; for the start, when gateways names mqtt.
   *
   * @throws SettingException for the first one that is missing or wrong
   */
  public static void check(Settings settings) {
    MqttSettings.read(settings);
  }

  /**
   * The client, made and connecting when a route first asks for it; stopped with the context. Its
   * health check comes with it.
   */
  @BindToRegistry(value = MqttSettings.GATEWAY, lazy = true)
  public Mqtt5Client mqtt(CamelContext context) throws Exception {
    Settings settings = new Settings(context);
    return DeviceClient.serve(
        context,
        new Mqtt5Client(
            MqttSettings.read(settings),
            MqttSettings.credentials(settings),
            DeviceClient.meters(context)));
  }

  @BindToRegistry(value = "mqttProperties", lazy = true)
  public MessageProperties mqttProperties(CamelContext context) {
    return new MessageProperties(new Settings(context).require("device.id", "this device's id"));
  }
}
