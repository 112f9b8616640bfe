package routes.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import routes.bus.Bus;
import routes.jetstream.Consumers;
import routes.jetstream.JetStreamConsumer;
import routes.uplink.Gateway;
import routes.uplink.Gateways;
import routes.uplink.Uplink;

/** The status of every route that takes messages from the bus. */
public final class GatewayStatus {
  private final CamelContext context;

  public GatewayStatus(CamelContext context) {
    this.context = context;
  }

  /**
   * One object per route, sorted by name, with these keys:
   *
   * <ul>
   *   <li>{@code gateway}: the route's id
   *   <li>{@code connected}: whether the cloud is connected
   *   <li>{@code state}: connected, connecting, unreachable, standby (another replica is
   *       connected), refused (the cloud refuses this device or a topic) or no bus (NATS is
   *       unavailable or rejects the route's consumer)
   *   <li>{@code since}: the time of the last connect or disconnect
   *   <li>{@code lastError}: absent if there was none
   *   <li>{@code reconnects}
   *   <li>{@code backlog}: absent while unknown
   *   <li>{@code delivered}, {@code refused}, {@code dead}, {@code expired}, {@code redeliveries}
   *       and {@code drops}: counted since startup
   * </ul>
   *
   * An enabled gateway without such a route has the {@code state} no route.
   */
  public List<Map<String, Object>> status() {
    List<Map<String, Object>> rows = new ArrayList<>();
    Bus bus = context.getRegistry().lookupByNameAndType("bus", Bus.class);
    Optional<String> noBus = bus.connected() ? Optional.empty() : bus.problem();
    for (JetStreamConsumer consumer : Consumers.of(context)) {
      rows.add(status(consumer.getRouteId(), consumer, noBus.or(consumer::problem)));
    }
    for (Gateway gateway : Gateways.of(context).all()) {
      if (routes(context, gateway).isEmpty()) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("gateway", "gateway-" + gateway.name());
        row.put("connected", false);
        row.put("state", "no route");
        rows.add(row);
      }
    }
    return rows;
  }

  /** The routes that forward to a gateway. */
  public static List<JetStreamConsumer> routes(CamelContext context, Gateway gateway) {
    return Consumers.of(context).stream()
        .filter(consumer -> consumer.uplink().filter(gateway::equals).isPresent())
        .toList();
  }

  private static String state(Uplink uplink, Optional<String> noBus) {
    if (uplink.connected()) {
      return uplink.forbidden().isPresent()
          ? "refused"
          : noBus.isPresent() ? "no bus" : "connected";
    }
    if (uplink.standby()) {
      return "standby";
    }
    return uplink.lastError().isEmpty()
        ? "connecting"
        : uplink.refused() ? "refused" : "unreachable";
  }

  /** The error that prevents delivery now, or else the last one that did. */
  private static Optional<String> lastError(Uplink uplink, Optional<String> noBus) {
    return uplink.connected()
        ? uplink.forbidden().or(() -> noBus).or(uplink::lastError)
        : uplink.lastError();
  }

  /**
   * @param noBus why NATS delivers nothing; empty if it delivers
   */
  private static Map<String, Object> status(
      String id, JetStreamConsumer consumer, Optional<String> noBus) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("gateway", id);
    consumer
        .uplink()
        .ifPresent(
            uplink -> {
              status.put("connected", uplink.connected());
              status.put("state", state(uplink, noBus));
              status.put("since", uplink.since().toString());
              lastError(uplink, noBus).ifPresent(error -> status.put("lastError", error));
              status.put("reconnects", uplink.reconnects());
            });
    if (noBus.isEmpty() && consumer.backlog() >= 0) {
      status.put("backlog", consumer.backlog());
    }
    status.put("delivered", consumer.delivered());
    status.put("refused", consumer.refused());
    status.put("dead", consumer.dead());
    status.put("expired", consumer.expired());
    status.put("redeliveries", consumer.redeliveries());
    status.put("drops", consumer.drops());
    return status;
  }
}
