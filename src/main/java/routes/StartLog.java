package routes;

import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bundles.InstalledBundle;
import routes.routefiles.RouteNames;
import routes.settings.Settings;
import routes.settings.SettingsFile;
import routes.settings.Version;
import routes.uplink.Gateways;
import routes.web.HttpAccess;

/** Logs the version and the most important settings at startup. */
final class StartLog implements StartupListener {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  @Override
  public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {}

  /** After the routes, so that an error in a route file is the only line. */
  @Override
  public void onCamelContextFullyStarted(CamelContext context, boolean alreadyStarted) {
    Settings settings = new Settings(context);
    LOG.info(
        "cloud-iot-routes {} on Java {}: {}, collect.period {}{}, routes in {}{}",
        Version.text(),
        Runtime.version(),
        HttpAccess.of(context).url(),
        settings.require("collect.period", "a time such as 10s"),
        SettingsFile.of(context).map(file -> ", settings in " + file.path()).orElse(""),
        new RouteNames(settings).directory().toAbsolutePath().normalize(),
        bundle(settings));
    Gateways gateways = Gateways.of(context);
    if (gateways.all().isEmpty()) {
      if (settings.isSet("gateways") || settings.isSet("routes.include")) { // on purpose
        LOG.info(
            "gateways is {}: telemetry stays on the bus, unless another process forwards it",
            gateways.isNone() ? "none" : "empty");
      } else {
        firstSteps(context, settings);
      }
    }
  }

  private static String bundle(Settings settings) {
    int version = InstalledBundle.version(settings);
    return version == 0 ? "" : ", bundle version " + version;
  }

  private static void firstSteps(CamelContext context, Settings settings) {
    LOG.info(
        "gateways is not set, so telemetry stays on this device. To forward it, set for example"
            + " gateways = mqtt and mqtt.url = tcp://broker:1883");
    LOG.info(
        "set them {}, or as GATEWAYS and MQTT_URL in the environment; check validates them",
        SettingsFile.of(context)
            .map(file -> "in " + file.path())
            .orElse("in a file that --settings names"));
    LOG.info(
        "the status page is {}; samples need NATS with JetStream at {} (nats-server -js -a"
            + " 127.0.0.1)",
        HttpAccess.of(context).url(),
        String.join(", ", settings.list("nats.servers")).replaceAll("//[^@,]*@", "//"));
  }
}
