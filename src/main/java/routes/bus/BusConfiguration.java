package routes.bus;

import io.nats.client.Connection;
import java.time.Duration;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.nats.NatsEndpoint;
import routes.settings.Settings;
import routes.uplink.Backoff;

/**
 * The beans of the bus: {@code bus} itself, {@code nats} for the option {@code connection} of
 * {@code nats:} endpoints, and the readiness check.
 */
public class BusConfiguration implements CamelConfiguration {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private Bus bus;

  /** A route with an invalid subject is not made; Camel's consumer would start, and log it. */
  @Override
  public void configure(CamelContext context) {
    context
        .getCamelContextExtension()
        .registerEndpointCallback(
            (uri, endpoint) -> {
              if (endpoint instanceof NatsEndpoint nats) {
                Subject.check(nats.getConfiguration().getTopic());
              }
              return endpoint;
            });
  }

  /**
   * Camel calls these methods in any order, so each asks this one.
   *
   * @throws routes.settings.SettingException if a setting of the bus is malformed
   */
  @BindToRegistry("bus")
  public Bus bus(CamelContext context) throws Exception {
    if (bus == null) {
      Settings settings = new Settings(context);
      bus = new Bus(context, BusServers.of(settings), BusStreams.of(settings), backoff(settings));
      context.addService(bus);
      context.addStartupListener(
          (started, already) ->
              BusMeters.registry(started).ifPresent(meters -> BusMeters.bind(bus, meters)));
    }
    return bus;
  }

  /**
   * @throws routes.settings.SettingException if a setting of streams or dead letters is malformed
   */
  public static void check(Settings settings) {
    BusStreams.of(settings);
    deadAfter(settings);
  }

  /** After how many refusals a message is dead. Two at least, because one proves nothing. */
  public static int deadAfter(Settings settings) {
    return settings.integer("dead.after", 2, 1000);
  }

  /** NATS is usually near, so its pauses are shorter than a cloud's. */
  private static Backoff backoff(Settings settings) {
    Duration min = settings.duration("reconnect.min");
    Duration max = settings.duration("reconnect.max");
    Duration longest = max.compareTo(LONGEST_PAUSE) < 0 ? max : LONGEST_PAUSE;
    return new Backoff(min.compareTo(longest) < 0 ? min : longest, longest);
  }

  @BindToRegistry("nats")
  public Connection nats(CamelContext context) throws Exception {
    return BusConnection.of(bus(context));
  }

  @BindToRegistry("bus-health-check")
  public BusHealthCheck health(CamelContext context) throws Exception {
    return new BusHealthCheck(bus(context));
  }
}
