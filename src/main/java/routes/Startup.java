package routes;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.BusConfiguration;
import routes.commands.CollectPeriod;
import routes.commands.CommandsConfiguration;
import routes.host.HostConfiguration;
import routes.routefiles.RouteNames;
import routes.routefiles.RouteReload;
import routes.sample.Device;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.UnknownSettings;
import routes.tls.TlsFiles;
import routes.uplink.Gateways;

/**
 * Validates the settings before anything else starts, so that a mistake is reported at once and
 * alone.
 */
final class Startup extends MainListenerSupport {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
  private static final Pattern DEVICE_ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  @Override
  public void beforeConfigure(BaseMainSupport main) {
    prepare(main.getCamelContext());
  }

  /**
   * Loads settings from files, warns about unknown names, applies defaults and validates the
   * values.
   *
   * @throws SettingException if one is wrong
   */
  static void prepare(CamelContext context) {
    HostConfiguration.checkMemory();
    SecretFiles.useIn(context, System.getenv());
    Settings settings = new Settings(context);
    UnknownSettings.of(context, Gateways.keys(settings)).forEach(LOG::warn);
    check(context);
    checkPort(settings);
    CollectPeriod.restore(settings);
  }

  /**
   * Validates the settings, applies the default of device.id, and builds the gateways.
   *
   * @throws SettingException for the first one that is wrong
   */
  static void check(CamelContext context) {
    Settings settings = new Settings(context);
    settings.override("device.id", deviceId(settings, hostRoot(settings)));
    settings.resolveFolder("routes.directory", "the folder with the route files");
    new RouteNames(settings).useIn(settings);
    settings.resolveFolder("data.directory", "the folder for what outlives a restart");
    settings.duration("collect.period");
    settings.duration("collect.inventory-period");
    BusConfiguration.check(settings);
    settings.duration("shutdown.timeout");
    settings.flag(TlsFiles.VERIFY);
    settings.flag("routes.reload");
    CommandsConfiguration.check(settings);
    Gateways.open(context, EdgeRuntime.KINDS);
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
    try {
      context.addStartupListener(new StartLog());
      context.addStartupListener(new RouteWarnings());
      if (settings.flag("routes.reload")) {
        context.addService(new RouteReload(new RouteNames(settings)));
      }
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

  static InetSocketAddress address(Settings settings) {
    String host = settings.require("http.host", "an address of this machine, such as 127.0.0.1");
    InetSocketAddress address =
        new InetSocketAddress(host, settings.integer("http.port", 1, 65_535));
    if (address.isUnresolved()) {
      throw new SettingException("http.host", "\"" + host + "\" is no address of this machine");
    }
    return address;
  }

  /** A trial bind, because Vert.x reports a port in use without naming the setting. */
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
