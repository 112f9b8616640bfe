package routes.bus;

import io.nats.client.Connection;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.Configuration;
import routes.Backoff;
import routes.Settings;

/**
 * The beans of the bus: {@code bus} itself, {@code nats} for the option {@code connection} of
 * {@code nats:} endpoints, the component {@code jetstream:} and the readiness check.
 */
@Configuration
public class BusConfiguration {
  private Bus bus;

  /**
   * Camel calls these methods in any order, so each asks this one.
   *
   * @throws routes.SettingException if a setting of the bus is malformed
   */
  @BindToRegistry("bus")
  public Bus bus(CamelContext context) throws Exception {
    if (bus == null) {
      Settings settings = new Settings(context);
      bus =
          new Bus(
              context,
              BusServers.of(settings),
              new BusStreams(settings.duration("bus.max-age"), settings.bytes("bus.max-bytes")),
              new Backoff(settings.duration("reconnect.min"), settings.duration("reconnect.max")));
      context.addService(bus);
      context.addStartupListener(
          (started, already) ->
              BusMeters.registry(started).ifPresent(meters -> BusMeters.bind(bus, meters)));
    }
    return bus;
  }

  @BindToRegistry("nats")
  public Connection nats(CamelContext context) throws Exception {
    return BusConnection.of(bus(context));
  }

  @BindToRegistry("jetstream-component")
  public JetStreamComponent jetstream(CamelContext context) throws Exception {
    return new JetStreamComponent(bus(context));
  }

  @BindToRegistry("bus-health-check")
  public BusHealthCheck health(CamelContext context) throws Exception {
    return new BusHealthCheck(bus(context));
  }
}
