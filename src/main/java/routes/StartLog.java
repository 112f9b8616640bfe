package routes;

import java.net.InetSocketAddress;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.routefiles.RouteNames;
import routes.settings.Settings;
import routes.settings.Version;
import routes.uplink.Gateways;

/** Logs what has started: which version, and the settings that its user looks for first. */
final class StartLog implements StartupListener {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  @Override
  public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {}

  /** Here, since a mistake in a route file ends the start with one line and no other. */
  @Override
  public void onCamelContextFullyStarted(CamelContext context, boolean alreadyStarted) {
    Settings settings = new Settings(context);
    LOG.info(
        "cloud-iot-routes {} on Java {}: http://{}, collect.period {}, routes in {}",
        Version.text(),
        Runtime.version(),
        authority(Startup.address(settings)),
        settings.require("collect.period", "a time such as 10s"),
        new RouteNames(settings).directory().toAbsolutePath().normalize());
    if (Gateways.of(context).all().isEmpty()) {
      LOG.info(
          "gateways is empty: telemetry stays on this device, unless another process forwards it");
    }
  }

  private static String authority(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
