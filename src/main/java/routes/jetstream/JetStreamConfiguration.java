package routes.jetstream;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.StartupListener;
import routes.bus.Bus;
import routes.bus.BusConfiguration;
import routes.bus.BusStreams;
import routes.bus.ProblemHealthCheck;
import routes.settings.HostName;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;
import routes.uplink.Gateways;

/**
 * The component {@code jetstream:}, which uses the bean {@code bus}, and what the bus checks about
 * consumers once per minute.
 */
public class JetStreamConfiguration implements CamelConfiguration {
  private ProblemHealthCheck health;

  /**
   * @throws routes.settings.SettingException if {@code dead.after} is malformed
   */
  @BindToRegistry("jetstream-component")
  public JetStreamComponent jetstream(CamelContext context) {
    return new JetStreamComponent(BusConfiguration.deadAfter(new Settings(context)));
  }

  /**
   * DOWN while nothing consumes this device's telemetry. The same check for each caller, because
   * Camel may call this method again.
   */
  @BindToRegistry("telemetry-health-check")
  public ProblemHealthCheck health(CamelContext context) throws Exception {
    if (health == null) {
      TelemetryWatch watch = new TelemetryWatch(() -> filters(context));
      health = new ProblemHealthCheck("telemetry", watch::problem);
      context.addStartupListener(
          new StartupListener() {
            @Override
            public void onCamelContextStarted(CamelContext started, boolean already) {}

            @Override
            public void onCamelContextFullyStarted(CamelContext started, boolean already) {
              watch(started, watch);
            }
          });
    }
    return health;
  }

  private static void watch(CamelContext context, TelemetryWatch watch) {
    Settings settings = new Settings(context);
    String device = settings.require("device.id", "this device's id");
    String host = HostName.of(Path.of(settings.find("host.root").orElse("/")));
    Bus bus = context.getRegistry().lookupByNameAndType("bus", Bus.class);
    OtherProcesses others = new OtherProcesses(device, host, () -> claims(context, device));
    bus.watch(others);
    // tests of routes replace the component
    if (context.getComponent("jetstream") instanceof JetStreamComponent jetstream) {
      jetstream.onBound(
          () -> bus.session().ifPresent(session -> others.claim(session.connection())));
    }
    Gateways gateways = Gateways.of(context);
    if (gateways == null || !gateways.isNone()) {
      bus.watch(watch.of(device));
    }
  }

  private static List<String> filters(CamelContext context) {
    return Consumers.of(context).stream()
        .filter(consumer -> consumer.durable().stream().equals(BusStreams.TELEMETRY))
        .flatMap(consumer -> consumer.filters().stream())
        .toList();
  }

  private static Set<OtherProcesses.Claim> claims(CamelContext context, String device) {
    Set<OtherProcesses.Claim> claims = new LinkedHashSet<>();
    for (Route route : context.getRoutes()) {
      if ("collectors".equals(route.getGroup())) {
        claims.add(OtherProcesses.Claim.collector(device, route.getRouteId()));
      }
    }
    boolean replicated = GatewaySettings.replica(new Settings(context)).isPresent();
    for (JetStreamConsumer consumer : Consumers.of(context)) {
      consumer
          .created()
          .map(at -> OtherProcesses.Claim.consumer(consumer.durable(), at, replicated))
          .ifPresent(claims::add);
    }
    return claims;
  }
}
