package routes;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.Service;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import routes.aws.AwsConfiguration;
import routes.azure.AzureConfiguration;
import routes.commands.CollectPeriod;
import routes.commands.CommandsConfiguration;
import routes.google.GoogleConfiguration;
import routes.mqtt.MqttConfiguration;
import routes.pubsub.PubsubSettings;
import routes.sample.Device;

/** Checks the settings before anything else starts, so that a mistake is told at once and alone. */
final class Startup extends MainListenerSupport {
  /** The gateways there are, each with the check of its settings. */
  private static final Map<String, Consumer<Settings>> GATEWAYS =
      new TreeMap<>(
          Map.of(
              "aws", AwsConfiguration::check,
              "azure", AzureConfiguration::check,
              "google", GoogleConfiguration::check,
              "mqtt", MqttConfiguration::check,
              "pubsub", PubsubSettings::check));

  private static final Pattern DEVICE_ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  @Override
  public void beforeConfigure(BaseMainSupport main) {
    Settings settings = new Settings(main.getCamelContext());
    settings.override("device.id", deviceId(settings));
    Path routes = Path.of(settings.require("routes.directory", "the folder with the route files"));
    if (!Files.isDirectory(routes)) {
      throw new SettingException(
          "routes.directory", "there is no folder " + routes.toAbsolutePath().normalize());
    }
    settings.duration("collect.period");
    settings.duration("collect.inventory-period");
    settings.duration("bus.max-age");
    settings.bytes("bus.max-bytes");
    settings.duration("shutdown.timeout");
    CommandsConfiguration.check(settings);
    settings.list("gateways").forEach(name -> checkGateway(name, settings));
    checkPort(settings);
    CollectPeriod.restore(settings);
  }

  @Override
  public void beforeStart(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    Settings settings = new Settings(context);
    if (settings.flag("routes.reload")) {
      addService(context, new RouteReload(Path.of(settings.require("routes.directory", ""))));
    }
    context.getShutdownStrategy().setTimeUnit(TimeUnit.MILLISECONDS);
    context.getShutdownStrategy().setTimeout(settings.duration("shutdown.timeout").toMillis());
  }

  private static void addService(CamelContext context, Service service) {
    try {
      context.addService(service);
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  /** device.id, or else the host's name up to its first dot. */
  private static String deviceId(Settings settings) {
    String id =
        settings.find("device.id").orElseGet(() -> Device.hostName().replaceFirst("\\..*", ""));
    if (!DEVICE_ID.matcher(id).matches()) {
      throw new SettingException(
          "device.id", "\"" + id + "\" should be 1 to 128 letters, digits, '-' and '_'");
    }
    return id;
  }

  private static void checkGateway(String name, Settings settings) {
    Consumer<Settings> check = GATEWAYS.get(name);
    if (check == null) {
      throw new SettingException(
          "gateways", "\"" + name + "\" is none: it should be out of " + GATEWAYS.keySet());
    }
    check.accept(settings);
  }

  /** A trial bind, because Vert.x tells of a port that is taken without naming the setting. */
  private static void checkPort(Settings settings) {
    String host = settings.require("http.host", "an address of this machine, such as 127.0.0.1");
    int port = settings.integer("http.port", 1, 65_535);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      InetSocketAddress address = new InetSocketAddress(host, port);
      if (address.isUnresolved()) {
        throw new SettingException("http.host", "\"" + host + "\" is no address of this machine");
      }
      socket.bind(address);
    } catch (IOException e) {
      throw new SettingException(
          "http.port", port + " on " + host + " can't be had: " + e.getMessage());
    }
  }
}
