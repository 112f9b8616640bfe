package routes;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.spi.Registry;
import routes.aws.AwsConfiguration;
import routes.azure.AzureConfiguration;
import routes.bus.BusConfiguration;
import routes.commands.CommandsConfiguration;
import routes.google.GoogleConfiguration;
import routes.host.HostConfiguration;
import routes.mqtt.MqttConfiguration;
import routes.pubsub.PubsubSettings;
import routes.web.GatewayStatus;
import routes.web.RoutesHealthCheck;

/**
 * What routes use by name: of the packages, each by its own configuration, and of this one {@code
 * gateways} and the readiness of routes.
 */
public final class RoutesConfiguration implements CamelConfiguration {
  private static final String PUBSUB = "routes.pubsub.PubsubConfiguration";

  /**
   * Camel with all of them. They are named, since a search for them reads the jar at each start.
   */
  public static Main main() {
    Main main = new Main();
    String classes =
        Stream.of(
                BusConfiguration.class,
                HostConfiguration.class,
                RoutesConfiguration.class,
                CommandsConfiguration.class,
                AwsConfiguration.class,
                AzureConfiguration.class,
                GoogleConfiguration.class,
                MqttConfiguration.class)
            .map(Class::getName)
            .collect(Collectors.joining(","));
    main.configure()
        .setConfigurationClasses(PubsubSettings.inBuild() ? classes + "," + PUBSUB : classes);
    return main;
  }

  @Override
  public void configure(CamelContext context) {
    Registry registry = context.getRegistry();
    registry.bind("gateways", new GatewayStatus(context));
    registry.bind("routes-health-check", new RoutesHealthCheck());
  }
}
