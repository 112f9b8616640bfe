package routes.web;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
  private static final String NO_NATS = "no NATS";

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
   *       connected), refused (the cloud refuses this device or a topic) or no NATS (it is
   *       unavailable or rejects the route's consumer)
   *   <li>{@code since}: the time of the last connect or disconnect; in the state no NATS, since
   *       when messages cannot be taken
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
      Optional<String> problem = noBus.or(consumer::problem);
      Instant began = noBus.isPresent() ? bus.since() : consumer.problemSince();
      rows.add(status(consumer.getRouteId(), consumer, problem, began));
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
      return uplink.forbidden().isPresent() ? "refused" : noBus.isPresent() ? NO_NATS : "connected";
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
   * @param began when that began
   */
  private static Map<String, Object> status(
      String id, JetStreamConsumer consumer, Optional<String> noBus, Instant began) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("gateway", id);
    consumer
        .uplink()
        .ifPresent(
            uplink -> {
              status.put("connected", uplink.connected());
              String state = state(uplink, noBus);
              Instant since = NO_NATS.equals(state) ? began : uplink.since();
              status.put("state", state);
              status.put("since", since.truncatedTo(ChronoUnit.MILLIS).toString());
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
