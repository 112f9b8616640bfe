package routes.link;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * The meters of a connection, with the tag gateway.
 *
 * <ul>
 *   <li>mqtt.connected: 1 or 0
 *   <li>mqtt.standby: 1 while another replica is connected instead
 *   <li>mqtt.connects: connection attempts, by result: success, refused, unreachable
 *   <li>mqtt.publish.forbidden: messages that the broker refused because this device may not
 *       publish to their topic
 *   <li>mqtt.publish.duration: seconds from handing over a message to its PUBACK
 *   <li>mqtt.in_flight: messages sent but not yet acknowledged
 * </ul>
 */
final class UplinkMeters {
  private final MeterRegistry registry;
  private final String gateway;
  private final Timer publishes;
  private final Counter forbidden;

  UplinkMeters(
      MeterRegistry registry,
      String gateway,
      BooleanSupplier connected,
      BooleanSupplier standby,
      IntSupplier inFlight) {
    this.registry = registry;
    this.gateway = gateway;
    Gauge.builder("mqtt.connected", () -> connected.getAsBoolean() ? 1 : 0)
        .description("1 while the gateway is connected, otherwise 0")
        .tag("gateway", gateway)
        .register(registry);
    Gauge.builder("mqtt.standby", () -> standby.getAsBoolean() ? 1 : 0)
        .description("1 while another replica is connected in place of this one, otherwise 0")
        .tag("gateway", gateway)
        .register(registry);
    Gauge.builder("mqtt.in_flight", inFlight::getAsInt)
        .description("Messages that wait for their PUBACK")
        .tag("gateway", gateway)
        .register(registry);
    publishes =
        Timer.builder("mqtt.publish.duration")
            .description("Time from sending a message to its PUBACK")
            .tag("gateway", gateway)
            .register(registry);
    forbidden =
        Counter.builder("mqtt.publish.forbidden")
            .description("Messages whose topic the broker forbids (MQTT 5)")
            .tag("gateway", gateway)
            .register(registry);
    for (String result : new String[] {"success", "refused", "unreachable"}) {
      connects(result);
    }
  }

  private Counter connects(String result) {
    return Counter.builder("mqtt.connects")
        .description("Attempts to connect")
        .tag("gateway", gateway)
        .tag("result", result)
        .register(registry);
  }

  void connected() {
    connects("success").increment();
  }

  void failed(Failure why) {
    connects(why.kind() == Failure.Kind.REFUSED ? "refused" : "unreachable").increment();
  }

  void forbidden() {
    forbidden.increment();
  }

  void published(long nanos) {
    publishes.record(Duration.ofNanos(nanos));
  }
}
