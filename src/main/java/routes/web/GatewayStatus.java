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

/** How each gateway is doing: every route that takes its messages from the bus. */
public final class GatewayStatus {
  private final CamelContext context;

  public GatewayStatus(CamelContext context) {
    this.context = context;
  }

  /**
   * One object per route that takes messages from the bus, by name: {@code gateway} (the route's
   * id), {@code connected} to the cloud, {@code state} (connected, connecting, refused: the cloud
   * said no to this device or to a topic, unreachable, or no bus: NATS is away or rejects the
   * route's consumer), {@code since} (when the connection was made or lost), {@code lastError}
   * (absent when there was none), {@code reconnects}, {@code backlog} (absent while unknown),
   * {@code delivered}, {@code refused}, {@code dead}, {@code redeliveries} and {@code drops},
   * counted since the start. An enabled gateway without such a route has the {@code state} no
   * route.
   */
  public List<Map<String, Object>> status() {
    List<Map<String, Object>> rows = new ArrayList<>();
    Bus bus = context.getRegistry().lookupByNameAndType("bus", Bus.class);
    Optional<String> away = bus.connected() ? Optional.empty() : bus.problem();
    for (JetStreamConsumer consumer : Consumers.of(context)) {
      rows.add(status(consumer.getRouteId(), consumer, away.or(consumer::problem)));
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

  private static String state(Uplink uplink, Optional<String> away) {
    if (uplink.connected()) {
      return uplink.forbidden().isPresent() ? "refused" : away.isPresent() ? "no bus" : "connected";
    }
    return uplink.lastError().isEmpty()
        ? "connecting"
        : uplink.refused() ? "refused" : "unreachable";
  }

  /** What keeps it from delivering now, else what did last. */
  private static Optional<String> lastError(Uplink uplink, Optional<String> away) {
    return uplink.connected()
        ? uplink.forbidden().or(() -> away).or(uplink::lastError)
        : uplink.lastError();
  }

  /**
   * @param away why nothing comes from NATS; empty when it does
   */
  private static Map<String, Object> status(
      String id, JetStreamConsumer consumer, Optional<String> away) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("gateway", id);
    consumer
        .uplink()
        .ifPresent(
            uplink -> {
              status.put("connected", uplink.connected());
              status.put("state", state(uplink, away));
              status.put("since", uplink.since().toString());
              lastError(uplink, away).ifPresent(error -> status.put("lastError", error));
              status.put("reconnects", uplink.reconnects());
            });
    if (away.isEmpty() && consumer.backlog() >= 0) {
      status.put("backlog", consumer.backlog());
    }
    status.put("delivered", consumer.delivered());
    status.put("refused", consumer.refused());
    status.put("dead", consumer.dead());
    status.put("redeliveries", consumer.redeliveries());
    status.put("drops", consumer.drops());
    return status;
  }
}
