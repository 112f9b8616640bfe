package routes;

import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.Main;
import org.apache.camel.spi.Language;
import routes.bundles.InstalledBundle;
import routes.bus.BusConfiguration;
import routes.commands.CommandsConfiguration;
import routes.history.HistoryConfiguration;
import routes.host.HostConfiguration;
import routes.jetstream.JetStreamConfiguration;
import routes.link.LinkComponent;
import routes.log.ConsumerFailures;
import routes.log.FailedStep;
import routes.operations.OperationsConfiguration;
import routes.pubsub.PubsubKind;
import routes.routefiles.ExactNumbers;
import routes.routefiles.NestedFunctions;
import routes.routefiles.StrictJq;
import routes.settings.Settings;
import routes.steps.StepsConfiguration;
import routes.timer.SteadyTimerComponent;
import routes.tls.CertificateWatch;
import routes.tls.Renewable;
import routes.uplink.Gateway;
import routes.uplink.Gateways;
import routes.web.CertificatesHealthCheck;
import routes.web.GatewayHealthCheck;
import routes.web.WebConfiguration;

/** Binds the gateways, their health checks, and replacements for Camel's components and Simple. */
public final class RoutesConfiguration implements CamelConfiguration {
  /**
   * Camel with all configurations. They are listed, because a search would read the whole jar at
   * each start.
   */
  static Main main() {
    Main main = new Main();
    String classes =
        Stream.of(
                BusConfiguration.class,
                JetStreamConfiguration.class,
                HostConfiguration.class,
                RoutesConfiguration.class,
                StepsConfiguration.class,
                CommandsConfiguration.class,
                HistoryConfiguration.class,
                OperationsConfiguration.class,
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
    // A supplier, because jq is loaded only if a route uses it.
    context.getRegistry().bind("jq-language", Language.class, () -> new StrictJq());
    Settings settings = new Settings(context);
    IntSupplier bundle = () -> InstalledBundle.version(settings);
    context.getRegistry().bind("bundle", bundle);
    context.addLifecycleStrategy(new ConsumerFailures());
    context.getRegistry().bind("failed-step", new FailedStep());
    context.getRegistry().bind("paho-mqtt5-component", new LinkComponent());
    context.getRegistry().bind("timer-component", new SteadyTimerComponent());
    Gateways gateways = Gateways.of(context);
    if (gateways == null) { // no listener has validated the settings
      gateways = Gateways.open(context, EdgeRuntime.KINDS);
    }
    HealthCheckRegistry health = HealthCheckRegistry.get(context);
    for (Gateway gateway : gateways.all()) {
      if (health != null) {
        health.register(new GatewayHealthCheck(gateway));
      }
    }
    CertificateWatch watch = new CertificateWatch(context, () -> renewable(context));
    context.getRegistry().bind("certificates-health-check", new CertificatesHealthCheck(watch));
    try {
      context.deferStartService(watch, true);
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  /** Gateways, the bus and the HTTP port. */
  private static List<Renewable> renewable(CamelContext context) {
    return List.copyOf(context.getRegistry().findByType(Renewable.class));
  }
}
