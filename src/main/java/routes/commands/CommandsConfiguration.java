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

/** What routes use by name: {@code commands}, {@code desired} and {@code collectPeriod}. */
public final class CommandsConfiguration implements CamelConfiguration {
  /**
   * Looks at the settings of commands, for the start.
   *
   * @throws SettingException for the first one that is wrong
   */
  public static void check(Settings settings) {
    CommandSettings.read(settings);
  }

  /** Made when a route first asks for it; without commands it costs nothing. */
  @BindToRegistry(value = "commands", lazy = true)
  public Commands commands(CamelContext context) {
    Settings settings = new Settings(context);
    CommandSettings own = CommandSettings.read(settings);
    CommandMeters meters =
        new CommandMeters(
            MicrometerUtils.getOrCreateMeterRegistry(
                context.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME),
            own.allow());
    CommandTarget target =
        own.httpUrl().isPresent()
            ? new HttpTarget(
                own.httpUrl().get(), new TlsFiles(settings, null, null, null), own.timeout())
            : new NatsTarget(
                new BusRequests(context),
                settings.require("device.id", "this device's id"),
                own.timeout());
    return new Commands(own, target, meters);
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
