package routes;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bundles.CheckProcess;
import routes.bundles.CheckRun;
import routes.bundles.InstalledBundle;
import routes.bundles.Rollout;
import routes.bundles.TrustedKey;
import routes.bus.BusConfiguration;
import routes.commands.CollectPeriod;
import routes.commands.CommandsConfiguration;
import routes.host.HostConfiguration;
import routes.routefiles.RouteNames;
import routes.routefiles.RouteReload;
import routes.routefiles.RouteStarts;
import routes.settings.HostName;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.SettingsFile;
import routes.settings.UnknownSettings;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;
import routes.uplink.Gateways;
import routes.web.HttpAccess;

/** Validates the settings before anything else starts, so that an error is the only output. */
final class Startup extends MainListenerSupport {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
  private static final Pattern DEVICE_ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private final CheckRun bundleCheck;

  Startup() {
    this(CheckProcess.of(EdgeRuntime.class.getName()));
  }

  /**
   * @param bundleCheck how bundles of routes are checked
   */
  Startup(CheckRun bundleCheck) {
    this.bundleCheck = bundleCheck;
  }

  @Override
  public void beforeConfigure(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    prepare(context);
    FirstIdentities identities =
        new FirstIdentities(
            new Settings(context), () -> ((MainSupport) main).getShutdownStrategy().isRunAllowed());
    if (identities.request()) {
      Gateways.open(context, EdgeRuntime.KINDS); // again, with the identities
    }
  }

  /**
   * Loads settings from files, warns about unknown names, applies defaults and validates the
   * values.
   *
   * @throws SettingException if a value is invalid
   */
  static void prepare(CamelContext context) {
    HostConfiguration.checkMemory();
    SettingsFile.useIn(context);
    SecretFiles.useIn(context, System.getenv());
    Settings settings = new Settings(context);
    SettingsFile.of(context).flatMap(SettingsFile::exposed).ifPresent(LOG::warn);
    UnknownSettings.of(context, Gateways.keys(settings)).forEach(LOG::warn);
    check(context);
    HttpAccess access = new HttpAccess(settings);
    checkPort(access);
    access.useIn(context);
    CollectPeriod.restore(settings);
    InstalledBundle.useIn(settings);
  }

  /**
   * Validates the settings, applies the default of device.id, and builds the gateways.
   *
   * @throws SettingException for the first invalid setting
   */
  static void check(CamelContext context) {
    Settings settings = new Settings(context);
    identify(settings);
    settings.resolveFolder("routes.directory", "the folder with the route files");
    new RouteNames(settings).useIn(settings);
    settings.duration("collect.period");
    settings.duration("collect.inventory-period");
    BusConfiguration.check(settings);
    settings.duration("shutdown.timeout");
    settings.flag(TlsFiles.VERIFY);
    settings.duration("tls.warn-before");
    settings.flag("routes.reload");
    TrustedKey.of(settings);
    settings.duration("routes.probation");
    GatewaySettings.replica(settings);
    CommandsConfiguration.check(settings);
    settings.oneOf("process.supervised", "auto", "true", "false");
    Gateways.open(context, EdgeRuntime.KINDS);
    new HttpAccess(settings);
  }

  /** Applies the default of device.id, and finds the folder for data. */
  static void identify(Settings settings) {
    settings.override("device.id", deviceId(settings, hostRoot(settings)));
    settings.resolveFolder("data.directory", "the folder for data that survives restarts");
  }

  @Override
  public void beforeStart(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    Settings settings = new Settings(context);
    if (!settings.flag(TlsFiles.VERIFY)) {
      LOG.warn(
          "{} is false: anyone with a certificate from a trusted CA can impersonate any cloud,"
              + " broker or NATS server",
          TlsFiles.VERIFY);
    }
    try {
      context.getManagementStrategy().addEventNotifier(new RouteStarts());
      context.addStartupListener(new StartLog());
      context.addStartupListener(new RouteWarnings());
      if (settings.flag("routes.reload")) {
        context.addService(new RouteReload(new RouteNames(settings)));
      }
      Optional<TrustedKey> key = TrustedKey.of(settings);
      if (key.isPresent()) {
        context.deferStartService(new Rollout(context, key.get(), bundleCheck), true);
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
          root.resolve("proc/stat") + " does not exist; mount the host's / at " + root);
    }
    return root;
  }

  /** device.id, or else the host's name up to its first dot. */
  private static String deviceId(Settings settings, Path root) {
    String id =
        settings.find("device.id").orElseGet(() -> HostName.of(root).replaceFirst("\\..*", ""));
    if (!DEVICE_ID.matcher(id).matches()) {
      throw new SettingException(
          "device.id",
          "\"" + id + "\" is not a device id; use 1 to 128 letters, digits, '-' and '_'");
    }
    return id;
  }

  /** A trial bind, because Vert.x reports a port in use without naming the setting. */
  private static void checkPort(HttpAccess access) {
    InetSocketAddress address = access.address();
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
    } catch (IOException e) {
      throw new SettingException(
          "http.port",
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + e.getMessage());
    }
  }
}
