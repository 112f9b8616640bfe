package routes;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.Service;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.aws.AwsConfiguration;
import routes.azure.AzureConfiguration;
import routes.bus.BusConfiguration;
import routes.commands.CollectPeriod;
import routes.commands.CommandsConfiguration;
import routes.google.GoogleConfiguration;
import routes.mqtt.MqttConfiguration;
import routes.pubsub.PubsubSettings;
import routes.routefiles.RouteNames;
import routes.routefiles.RouteReload;
import routes.sample.Device;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.UnknownSettings;
import routes.tls.TlsFiles;

/** Checks the settings before anything else starts, so that a mistake is told at once and alone. */
public final class Startup extends MainListenerSupport {
  /** The gateways there are, each with the check of its settings. */
  private static final Map<String, Consumer<Settings>> GATEWAYS =
      new TreeMap<>(
          Map.of(
              "aws", AwsConfiguration::check,
              "azure", AzureConfiguration::check,
              "google", GoogleConfiguration::check,
              "mqtt", MqttConfiguration::check,
              "pubsub", PubsubSettings::check));

  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
  private static final Pattern DEVICE_ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  @Override
  public void beforeConfigure(BaseMainSupport main) {
    prepare(main.getCamelContext());
  }

  /**
   * Has settings come from files too, tells of those that nobody knows, fills in defaults and
   * checks the rest.
   *
   * @throws SettingException if one is wrong
   */
  static void prepare(CamelContext context) {
    SecretFiles.useIn(context, System.getenv());
    Settings settings = new Settings(context);
    UnknownSettings.of(context).forEach(LOG::warn);
    check(settings);
    checkPort(settings);
    CollectPeriod.restore(settings);
  }

  /**
   * Looks at the settings, and gives device.id its default.
   *
   * @throws SettingException for the first one that is wrong
   */
  public static void check(Settings settings) {
    settings.override("device.id", deviceId(settings, hostRoot(settings)));
    new RouteNames(settings).useIn(settings);
    settings.duration("collect.period");
    settings.duration("collect.inventory-period");
    BusConfiguration.check(settings);
    settings.duration("shutdown.timeout");
    settings.flag(TlsFiles.VERIFY);
    settings.flag("routes.reload");
    CommandsConfiguration.check(settings);
    settings.list("gateways").forEach(name -> checkGateway(name, settings));
    address(settings);
  }

  @Override
  public void beforeStart(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    Settings settings = new Settings(context);
    if (!settings.flag(TlsFiles.VERIFY)) {
      LOG.warn(
          "{} is false: whoever has a certificate of a known CA can pose as any cloud, broker or"
              + " NATS server",
          TlsFiles.VERIFY);
    }
    if (settings.flag("routes.reload")) {
      addService(context, new RouteReload(new RouteNames(settings)));
    }
  }

  private static void addService(CamelContext context, Service service) {
    try {
      context.addService(service);
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  private static Path hostRoot(Settings settings) {
    Path root = Path.of(settings.require("host.root", "/, or where the host's / is mounted"));
    if (root.getNameCount() > 0 && !Files.exists(root.resolve("proc/stat"))) {
      throw new SettingException(
          "host.root",
          "there is no " + root.resolve("proc/stat") + ": mount the host's / at " + root);
    }
    return root;
  }

  /** device.id, or else the host's name up to its first dot. */
  private static String deviceId(Settings settings, Path root) {
    String id =
        settings.find("device.id").orElseGet(() -> Device.hostName(root).replaceFirst("\\..*", ""));
    if (!DEVICE_ID.matcher(id).matches()) {
      throw new SettingException(
          "device.id", "\"" + id + "\" should be 1 to 128 letters, digits, '-' and '_'");
    }
    return id;
  }

  /**
   * @throws SettingException if there is no such gateway, or the first one of its settings is wrong
   */
  public static void checkGateway(String name, Settings settings) {
    Consumer<Settings> check = GATEWAYS.get(name);
    if (check == null) {
      throw new SettingException(
          "gateways", "\"" + name + "\" is none: it should be out of " + GATEWAYS.keySet());
    }
    check.accept(settings);
  }

  private static InetSocketAddress address(Settings settings) {
    String host = settings.require("http.host", "an address of this machine, such as 127.0.0.1");
    InetSocketAddress address =
        new InetSocketAddress(host, settings.integer("http.port", 1, 65_535));
    if (address.isUnresolved()) {
      throw new SettingException("http.host", "\"" + host + "\" is no address of this machine");
    }
    return address;
  }

  /** A trial bind, because Vert.x tells of a port that is taken without naming the setting. */
  private static void checkPort(Settings settings) {
    InetSocketAddress address = address(settings);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
    } catch (IOException e) {
      throw new SettingException(
          "http.port",
          address.getPort()
              + " on "
              + address.getHostString()
              + " can't be had: "
              + e.getMessage());
    }
  }
}
