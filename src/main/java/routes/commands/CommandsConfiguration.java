package routes.commands;

import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;
import routes.bus.BusPublisher;
import routes.bus.BusRequests;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.tls.TlsFiles;

/** The beans {@code commands}, {@code desired} and {@code collectPeriod}. */
public final class CommandsConfiguration implements CamelConfiguration {
  /**
   * Validates the settings of commands at startup, and removes blanks from commands.allow for the
   * preconditions of routes.
   *
   * @throws SettingException for the first invalid setting
   */
  public static void check(Settings settings) {
    CommandSettings.read(settings);
    settings.override(
        CommandSettings.ALLOW, String.join(",", settings.list(CommandSettings.ALLOW)));
  }

  /** Created on first use, so that it costs nothing without commands. */
  @BindToRegistry(value = "commands", lazy = true)
  public Commands commands(CamelContext context) {
    CommandSettings own = CommandSettings.read(new Settings(context));
    CommandMeters meters =
        new CommandMeters(
            MicrometerUtils.getOrCreateMeterRegistry(
                context.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME),
            own.allow());
    CommandTarget target = context.getRegistry().findSingleByType(CommandTarget.class);
    return new Commands(own, target == null ? target(context, own) : target, meters);
  }

  private static CommandTarget target(CamelContext context, CommandSettings own) {
    Settings settings = new Settings(context);
    return own.httpUrl().isPresent()
        ? new HttpTarget(
            own.httpUrl().get(), new TlsFiles(settings, null, null, null), own.timeout())
        : new NatsTarget(
            new BusRequests(context),
            settings.require("device.id", "this device's id"),
            own.timeout());
  }

  @BindToRegistry(value = "desired", lazy = true)
  public DesiredState desired(CamelContext context) {
    String device = new Settings(context).require("device.id", "this device's id");
    return new DesiredState(new BusPublisher(context), device);
  }

  @BindToRegistry(value = "collectPeriod", lazy = true)
  public CollectPeriod collectPeriod(CamelContext context) {
    return new CollectPeriod(context);
  }
}
