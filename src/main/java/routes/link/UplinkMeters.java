package routes.link;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * What a connection measures about itself, with the tag gateway.
 *
 * <ul>
 *   <li>mqtt.connected: 1 or 0
 *   <li>mqtt.connects: attempts to connect, by result: success, refused, unreachable
 *   <li>mqtt.publish.forbidden: messages that the broker refused because this device may not
 *       publish to their topic
 *   <li>mqtt.publish.duration: s from the hand-over of a message to its PUBACK
 *   <li>mqtt.in_flight: messages sent and not acknowledged yet
 * </ul>
 */
final class UplinkMeters {
  private final MeterRegistry registry;
  private final String gateway;
  private final Timer publishes;
  private final Counter forbidden;

  UplinkMeters(
      MeterRegistry registry, String gateway, BooleanSupplier connected, IntSupplier inFlight) {
    this.registry = registry;
    this.gateway = gateway;
    Gauge.builder("mqtt.connected", () -> connected.getAsBoolean() ? 1 : 0)
        .description("Whether the gateway is connected to its broker")
        .tag("gateway", gateway)
        .register(registry);
    Gauge.builder("mqtt.in_flight", inFlight::getAsInt)
        .description("Messages sent to the broker and not acknowledged yet")
        .tag("gateway", gateway)
        .register(registry);
    publishes =
        Timer.builder("mqtt.publish.duration")
            .description("Time until the broker acknowledged a message")
            .tag("gateway", gateway)
            .register(registry);
    forbidden =
        Counter.builder("mqtt.publish.forbidden")
            .description("Messages to topics that the broker forbids this device")
            .tag("gateway", gateway)
            .register(registry);
    for (String result : new String[] {"success", "refused", "unreachable"}) {
      connects(result);
    }
  }

  private Counter connects(String result) {
    return Counter.builder("mqtt.connects")
        .description("Attempts to connect to the broker")
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
