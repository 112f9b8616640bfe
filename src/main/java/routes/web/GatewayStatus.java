package routes.web;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import routes.jetstream.JetStreamConsumer;
import routes.uplink.Uplink;

/** How each gateway is doing: every route that takes its messages from the bus. */
public final class GatewayStatus {
  private final CamelContext context;

  public GatewayStatus(CamelContext context) {
    this.context = context;
  }

  /**
   * One object a gateway, by name: {@code gateway} (the route's id), {@code connected}, {@code
   * state} (connected, connecting, refused: the cloud said no to this device, or unreachable),
   * {@code since} (when that began), {@code lastError} (absent when there was none), {@code
   * reconnects}, {@code backlog} (absent until known), {@code delivered}, {@code refused}, {@code
   * dead}, {@code redeliveries} and {@code drops}, counted since the start.
   */
  public List<Map<String, Object>> status() {
    List<Map<String, Object>> gateways = new ArrayList<>();
    for (Route route : context.getRoutes()) {
      if (route.getConsumer() instanceof JetStreamConsumer consumer) {
        gateways.add(status(route.getRouteId(), consumer));
      }
    }
    gateways.sort(Comparator.comparing(gateway -> (String) gateway.get("gateway")));
    return gateways;
  }

  private static String state(Uplink uplink) {
    if (uplink.connected()) {
      return "connected";
    }
    return uplink.lastError().isEmpty()
        ? "connecting"
        : uplink.refused() ? "refused" : "unreachable";
  }

  private static Map<String, Object> status(String id, JetStreamConsumer consumer) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("gateway", id);
    consumer
        .uplink()
        .ifPresent(
            uplink -> {
              status.put("connected", uplink.connected());
              status.put("state", state(uplink));
              status.put("since", uplink.since().toString());
              uplink.lastError().ifPresent(error -> status.put("lastError", error));
              status.put("reconnects", uplink.reconnects());
            });
    if (consumer.backlog() >= 0) {
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
