package routes;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import routes.bus.BusConfiguration;
import routes.commands.CommandsConfiguration;
import routes.jetstream.JetStreamConfiguration;
import routes.link.LinkComponent;
import routes.uplink.GatewayKind;
import routes.uplink.Gateways;

/** Camel Main with the default settings, but without routes, HTTP and route supervision. */
public final class BareMain {
  private BareMain() {}

  /**
   * @param configuration the class whose package is scanned for beans
   */
  public static Main of(Class<?> configuration) {
    Main main = new Main(configuration);
    main.addOverrideProperty("camel.main.routes-include-pattern", "classpath:none/*.yaml");
    main.addOverrideProperty("camel.routecontroller.enabled", "false");
    main.addOverrideProperty("camel.server.enabled", "false");
    main.addOverrideProperty("camel.management.enabled", "false");
    main.addOverrideProperty("device.id", "edge-1");
    main.addOverrideProperty("data.directory", "target/test-data/" + System.nanoTime());
    return main;
  }

  /** Adds the gateways named by the setting, and the component of their endpoints. */
  public static Main withGateways(Main main) {
    return withGateways(main, EdgeRuntime.KINDS);
  }

  /** Adds gateways of the given kinds. */
  public static Main withGateways(Main main, Map<String, GatewayKind> kinds) {
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void beforeConfigure(BaseMainSupport starting) {
            CamelContext context = starting.getCamelContext();
            context.getRegistry().bind("paho-mqtt5-component", new LinkComponent());
            Gateways.open(context, kinds);
          }
        });
    return main;
  }

  /**
   * Adds the bus as the runtime wires it, because the configuration scan covers only one package.
   */
  public static Main withBus(Main main) {
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void beforeConfigure(BaseMainSupport starting) {
            CamelContext context = starting.getCamelContext();
            BusConfiguration configuration = new BusConfiguration();
            try {
              context.getRegistry().bind("bus", configuration.bus(context));
              context.getRegistry().bind("nats", configuration.nats(context));
              context
                  .getRegistry()
                  .bind("jetstream-component", new JetStreamConfiguration().jetstream(context));
              context.getRegistry().bind("desired", new CommandsConfiguration().desired(context));
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        });
    return main;
  }
}
