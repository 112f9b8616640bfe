package routes.azure;

import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import routes.link.DeviceClient;
import routes.link.Mqtt3Client;
import routes.settings.SettingException;
import routes.settings.Settings;

/** What the routes of gateway azure use by name: the client, its topics, and both directions. */
public final class AzureConfiguration implements CamelConfiguration {
  /**
   * Looks at the settings without connecting; for the start, when gateways names azure.
   *
   * @throws SettingException for the first one that is missing or wrong
   */
  public static void check(Settings settings) {
    AzureSettings.read(settings);
  }

  /**
   * The client, made and connecting when a route first asks for it; stopped with the context. Its
   * health check comes with it.
   */
  @BindToRegistry(value = AzureSettings.GATEWAY, lazy = true)
  public Mqtt3Client azure(CamelContext context) throws Exception {
    AzureSettings settings = AzureSettings.read(new Settings(context));
    return DeviceClient.serve(
        context,
        new Mqtt3Client(
            settings.connection(), settings.credentials(), DeviceClient.meters(context)));
  }

  @BindToRegistry(value = "azureTopics", lazy = true)
  public AzureTopics azureTopics(CamelContext context) {
    return AzureSettings.read(new Settings(context)).topics();
  }

  @BindToRegistry(value = "azureTelemetry", lazy = true)
  public AzureTelemetry azureTelemetry(CamelContext context) {
    return new AzureTelemetry(azureTopics(context));
  }

  @BindToRegistry(value = "azureReported", lazy = true)
  public AzureReported azureReported() {
    return new AzureReported();
  }

  @BindToRegistry(value = "azureInbound", lazy = true)
  public AzureInbound azureInbound(CamelContext context) {
    return new AzureInbound(azureTopics(context), DeviceClient.meters(context));
  }

  @BindToRegistry(value = "azureAnswer", lazy = true)
  public AzureAnswer azureAnswer() {
    return new AzureAnswer();
  }
}
