package routes.aws;

import java.util.Optional;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import routes.link.Credential;
import routes.link.DeviceClient;
import routes.link.MessageProperties;
import routes.link.Mqtt5Client;
import routes.settings.SettingException;
import routes.settings.Settings;

/** What the routes of AWS IoT Core use by name: the client, and what their messages are made by. */
public final class AwsConfiguration implements CamelConfiguration {
  /** The certificate alone tells who the device is. */
  private static final Credential NONE = new Credential(Optional.empty(), Optional.empty());

  /**
   * Looks at the settings without connecting; for the start, when gateways names aws.
   *
   * @throws SettingException for the first one that is missing or wrong
   */
  public static void check(Settings settings) {
    AwsSettings.read(settings);
  }

  /**
   * The client, made and connecting when a route first asks for it; stopped with the context. Its
   * health check comes with it.
   */
  @BindToRegistry(value = AwsSettings.GATEWAY, lazy = true)
  public Mqtt5Client aws(CamelContext context) throws Exception {
    Settings settings = new Settings(context);
    return DeviceClient.serve(
        context,
        new Mqtt5Client(AwsSettings.read(settings), () -> NONE, DeviceClient.meters(context)));
  }

  @BindToRegistry(value = "awsSample", lazy = true)
  public AwsSample awsSample(CamelContext context) {
    Settings settings = new Settings(context);
    String topic = AwsSettings.topic(settings);
    return new AwsSample(
        new MessageProperties(
            settings.require("device.id", "this device's id"),
            Optional.of(AwsSettings.messageExpiry(settings))),
        AwsSettings.rule(settings).map(rule -> AwsTopic.ingest(rule, topic)));
  }

  @BindToRegistry(value = "awsInventory", lazy = true)
  public AwsInventory awsInventory() {
    return new AwsInventory();
  }

  @BindToRegistry(value = "awsInbound", lazy = true)
  public AwsInbound awsInbound(CamelContext context) {
    return new AwsInbound(AwsSettings.thing(new Settings(context)), DeviceClient.meters(context));
  }

  @BindToRegistry(value = "awsReply", lazy = true)
  public AwsReply awsReply(CamelContext context) {
    return new AwsReply(AwsSettings.thing(new Settings(context)));
  }
}
