package routes;

import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.model.Model;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.Settings;
import routes.uplink.Gateway;
import routes.uplink.Gateways;

/** Warns once about enabled gateways that no route forwards to. */
final class RouteWarnings implements StartupListener {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  @Override
  public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {}

  /** All definitions are loaded by now, although routes start one by one after the context. */
  @Override
  public void onCamelContextFullyStarted(CamelContext context, boolean alreadyStarted) {
    for (Gateway gateway : Gateways.of(context).all()) {
      if (!hasRoute(context, gateway)) {
        LOG.warn(
            "gateways names {}, but no route forwards to it; add gateway-{}.camel.yaml to {}",
            gateway.name(),
            gateway.name(),
            new Settings(context).require("routes.directory", "the folder with the route files"));
      }
    }
  }

  private static boolean hasRoute(CamelContext context, Gateway gateway) {
    Pattern uplink =
        Pattern.compile("jetstream[:?](.*[?&])?uplink=(#|%23)?" + gateway.name() + "(&.*)?");
    return context
        .getCamelContextExtension()
        .getContextPlugin(Model.class)
        .getRouteDefinitions()
        .stream()
        .anyMatch(route -> uplink.matcher(route.getInput().getEndpointUri()).matches());
  }
}
