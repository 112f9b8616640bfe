package routes.bus;

import io.nats.client.Connection;
import java.time.Duration;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.nats.NatsEndpoint;
import org.apache.camel.spi.HeaderFilterStrategy;
import routes.settings.Settings;
import routes.uplink.Backoff;

/**
 * The beans of the bus: {@code bus} itself, {@code nats} for the option {@code connection} of
 * {@code nats:} endpoints, and the readiness check.
 */
public class BusConfiguration implements CamelConfiguration {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private Bus bus;

  /** Rejects a route with an invalid subject; Camel's consumer would start and only log it. */
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
    filterHeaders(context);
  }

  /** Keeps headers that control Camel from a publisher, and away from other programs. */
  public static HeaderFilterStrategy headerFilter() {
    return new BusHeaders();
  }

  /** Camel's own headers stay in the process. NATS would reject those that are not ASCII. */
  public static void filterHeaders(CamelContext context) {
    context
        .getCamelContextExtension()
        .registerEndpointCallback(
            (uri, endpoint) -> {
              if (endpoint instanceof NatsEndpoint nats) {
                nats.getConfiguration().setHeaderFilterStrategy(headerFilter());
              }
              return endpoint;
            });
  }

  /**
   * The bus, created by the first caller, because Camel calls these methods in any order.
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

  /** How many refusals make a message a dead letter; at least 2, because one proves nothing. */
  public static int deadAfter(Settings settings) {
    return settings.integer("dead.after", 2, 1000);
  }

  /** Shorter pauses than for a cloud, because NATS is usually close by. */
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

  /** DOWN while NATS or one of its streams is unavailable. */
  @BindToRegistry("bus-health-check")
  public ProblemHealthCheck health(CamelContext context) throws Exception {
    return new ProblemHealthCheck("bus", bus(context)::problem);
  }
}
