package routes.google;

import java.time.Clock;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import routes.link.DeviceClient;
import routes.link.Mqtt3Client;
import routes.settings.SettingException;
import routes.settings.Settings;

/** What the routes of gateway google use by name: the client, and what the messages become. */
public final class GoogleConfiguration implements CamelConfiguration {
  /**
   * Looks at the settings without connecting; for the start, when gateways names google.
   *
   * @throws SettingException for the first one that is missing or wrong
   */
  public static void check(Settings settings) {
    GoogleSettings.read(settings);
  }

  /** The client, made and connecting when a route first asks for it; stopped with the context. */
  @BindToRegistry(value = GoogleSettings.GATEWAY, lazy = true)
  public Mqtt3Client google(CamelContext context) throws Exception {
    Settings settings = new Settings(context);
    return DeviceClient.serve(
        context,
        new Mqtt3Client(
            GoogleSettings.read(settings),
            GoogleSettings.credentials(settings, Clock.systemUTC()),
            DeviceClient.meters(context)));
  }

  @BindToRegistry(value = "googleInbound", lazy = true)
  public InboundMessage googleInbound(CamelContext context) {
    return new InboundMessage(
        new Settings(context).require("device.id", "this device's id"),
        DeviceClient.meters(context));
  }

  @BindToRegistry(value = "googleReply", lazy = true)
  public CommandReply googleReply() {
    return new CommandReply();
  }

  @BindToRegistry(value = "googleState", lazy = true)
  public StateLimit googleState() {
    return new StateLimit();
  }
}
