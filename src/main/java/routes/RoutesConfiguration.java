package routes;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.Main;
import routes.bus.BusConfiguration;
import routes.commands.CommandsConfiguration;
import routes.host.HostConfiguration;
import routes.jetstream.JetStreamConfiguration;
import routes.link.LinkComponent;
import routes.log.FailedStep;
import routes.pubsub.PubsubKind;
import routes.routefiles.ExactNumbers;
import routes.routefiles.NestedFunctions;
import routes.timer.SteadyTimerComponent;
import routes.uplink.Gateway;
import routes.uplink.Gateways;
import routes.web.GatewayHealthCheck;
import routes.web.WebConfiguration;

/** Gateways with their health checks, the components that replace Camel's, and the language. */
public final class RoutesConfiguration implements CamelConfiguration {
  /**
   * Camel with all configurations. They are named, since a search for them reads the jar at each
   * start.
   */
  static Main main() {
    Main main = new Main();
    String classes =
        Stream.of(
                BusConfiguration.class,
                JetStreamConfiguration.class,
                HostConfiguration.class,
                RoutesConfiguration.class,
                CommandsConfiguration.class,
                WebConfiguration.class)
            .map(Class::getName)
            .collect(Collectors.joining(","));
    String pubsub = PubsubKind.configuration().map(name -> "," + name).orElse("");
    main.configure().setConfigurationClasses(classes + pubsub);
    return main;
  }

  @Override
  public void configure(CamelContext context) {
    ExactNumbers.useIn(context);
    NestedFunctions.useIn(context);
    context.getRegistry().bind("failed-step", new FailedStep());
    context.getRegistry().bind("paho-mqtt5-component", new LinkComponent());
    context.getRegistry().bind("timer-component", new SteadyTimerComponent());
    Gateways gateways = Gateways.of(context);
    if (gateways == null) { // no listener has validated the settings before
      gateways = Gateways.open(context, EdgeRuntime.KINDS);
    }
    HealthCheckRegistry health = HealthCheckRegistry.get(context);
    for (Gateway gateway : gateways.all()) {
      if (health != null) {
        health.register(new GatewayHealthCheck(gateway));
      }
    }
  }
}
