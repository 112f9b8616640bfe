package routes.operations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.SupervisingRouteController;
import routes.bus.Bus;
import routes.settings.Redaction;
import routes.settings.Settings;
import routes.uplink.Gateways;
import routes.uplink.Json;
import routes.web.RouteCounts;

/** Bean {@code routesOperation}: the command {@code routes}. */
public final class RoutesOperation {
  private static final List<String> FIELDS = List.of("next");

  private final CamelContext context;
  private final Bus bus;
  private final RouteCounts counts;

  RoutesOperation(CamelContext context, Bus bus, RouteCounts counts) {
    this.context = context;
    this.bus = bus;
    this.counts = counts;
  }

  /**
   * The routes, sorted by id, also those that cannot start.
   *
   * @param payload optionally {@code {"next":N}}
   * @return {@code {"routes":[{"id":"...","state":"started","file":"...","uptimeSeconds":7,
   *     "messages":3,"failures":1,"lastError":"...","lastErrorAt":"..."}],"next":N}}
   */
  public byte[] answer(byte[] payload) throws InterruptedException {
    return Request.answer(payload, FIELDS, this::reply);
  }

  private ObjectNode reply(Request request) {
    long first = request.next().orElse(0);
    Map<String, Route> routes = new TreeMap<>();
    if (context.getRouteController() instanceof SupervisingRouteController controller) {
      controller.getRestartingRoutes().forEach(route -> routes.put(route.getRouteId(), route));
      controller.getExhaustedRoutes().forEach(route -> routes.put(route.getRouteId(), route));
    }
    context.getRoutes().forEach(route -> routes.put(route.getRouteId(), route));
    Settings settings = new Settings(context);
    Redaction redaction = Redaction.of(settings, Gateways.keys(settings));
    List<ObjectNode> rows = routes.values().stream().map(route -> row(route, redaction)).toList();
    ObjectNode reply = Json.object();
    ReplySize.of(bus).fill(reply, "routes", rows, first);
    return reply;
  }

  private ObjectNode row(Route route, Redaction redaction) {
    String id = route.getRouteId();
    ObjectNode row = Json.object().put("id", id).put("state", RouteCounts.state(context, id));
    String source = route.getSourceLocationShort();
    if (source != null) {
      row.put("file", source.replaceFirst(":\\d+$", ""));
    }
    row.put("uptimeSeconds", route.getUptimeMillis() / 1000);
    RouteCounts.Count count = counts.of(id);
    row.put("messages", count.messages()).put("failures", count.failures());
    Throwable start =
        context.getRouteController() instanceof SupervisingRouteController controller
            ? controller.getRestartException(id)
            : null;
    if (start != null) {
      row.put("lastError", Texts.line(redaction, RouteCounts.text(start)));
    } else if (count.lastError() != null) {
      row.put("lastError", Texts.line(redaction, count.lastError().text()));
      row.put("lastErrorAt", count.lastError().at().toString());
    }
    return row;
  }
}
