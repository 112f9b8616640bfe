package routes.web;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import routes.bus.Bus;
import routes.jetstream.JetStreamConsumer;

/**
 * The routes that run and their rates: on the left those with their other end on this device, then
 * the bus, and on the right those to clouds and brokers. A table lists every route.
 */
final class FlowSection implements Section {
  private final CamelContext context;
  private final Bus bus;
  private final RouteCounts counts;

  FlowSection(CamelContext context, Bus bus, RouteCounts counts) {
    this.context = context;
    this.bus = bus;
    this.counts = counts;
  }

  @Override
  public String id() {
    return "flow";
  }

  @Override
  public String html() {
    List<Route> routes =
        context.getRoutes().stream().sorted(Comparator.comparing(Route::getRouteId)).toList();
    List<RouteFlow> flows =
        routes.stream().flatMap(route -> RouteFlow.of(context, route).stream()).toList();
    Html html = new Html().raw("<div class=\"flow\">");
    side(html, "On this device", flows.stream().filter(flow -> !flow.outside()).toList());
    Optional<String> problem = bus.problem();
    html.raw("<div class=\"bus ").raw(problem.isEmpty() ? "good" : "bad").raw("\">");
    html.element("h3", "NATS").raw("<span class=\"pill ");
    html.raw(problem.isEmpty() ? "good\">Connected" : "bad\">Unavailable").raw("</span>");
    html.raw("<small>").text(bus.name().replaceFirst("^NATS at ", "")).raw("</small></div>");
    side(html, "Clouds and brokers", flows.stream().filter(RouteFlow::outside).toList());
    html.raw("</div><details><summary>All routes</summary>");
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All routes\">");
    html.raw(
        "<table class=\"rows\"><thead><tr><th>Route<th>State<th>Messages<th>Failed<th>Rate<th>Purpose</tr>");
    html.raw("</thead><tbody>");
    routes.forEach(route -> row(html, route));
    return html.raw("</tbody></table></div></details>").toString();
  }

  private void side(Html html, String title, List<RouteFlow> flows) {
    boolean outside = title.startsWith("Clouds");
    html.raw("<section class=\"").raw(outside ? "right" : "left").raw("\">");
    html.element("h3", title).raw("<ul>");
    for (RouteFlow flow : flows) {
      double rate = counts.of(flow.route().getRouteId()).done().perMinute();
      html.raw("<li class=\"").raw(flow.publishes() ? "in " : "out ");
      html.raw(rate > 0 ? "busy " : "").raw(quality(flow)).raw("\"><span class=\"node\">");
      named(html, "b", flow.route().getRouteId());
      named(html, "small", flow.subject());
      html.raw("</span><span class=\"wire\"><span>").text(Html.rate(rate));
      html.raw("</span><i aria-hidden=\"true\"></i><span class=\"hidden\">");
      html.text(flow.publishes() ? "to the bus" : "from the bus").raw("</span></span></li>");
    }
    if (flows.isEmpty()) {
      html.raw("<li class=\"empty\">none</li>");
    }
    html.raw("</ul></section>");
  }

  /** With the text as title, because a narrow page cuts it off. */
  private static void named(Html html, String name, String text) {
    html.raw("<").raw(name).raw(" title=\"").text(text).raw("\">").text(text);
    html.raw("</").raw(name).raw(">");
  }

  private String quality(RouteFlow flow) {
    if (status(flow.route()) != ServiceStatus.Started) {
      return "bad";
    }
    return flow.route().getConsumer() instanceof JetStreamConsumer consumer
        ? consumer.uplink().filter(uplink -> !uplink.connected()).map(u -> "bad").orElse("good")
        : "good";
  }

  private ServiceStatus status(Route route) {
    return context.getRouteController().getRouteStatus(route.getRouteId());
  }

  private void row(Html html, Route route) {
    RouteCounts.Count count = counts.of(route.getRouteId());
    ServiceStatus status = status(route);
    html.raw("<tr><td data-label=\"Route\">").text(route.getRouteId());
    html.raw("</td><td data-label=\"State\">");
    html.text(status == null ? "not started" : status.name().toLowerCase(Locale.ROOT));
    html.raw("</td><td class=\"number\" data-label=\"Messages\">")
        .text(Html.count(count.done().total()));
    html.raw("</td><td class=\"number\" data-label=\"Failed\">")
        .text(Html.count(count.failed().total()));
    html.raw("</td><td class=\"number\" data-label=\"Rate\">");
    html.text(Html.rate(count.done().perMinute())).raw("</td><td data-label=\"Purpose\">");
    html.text(route.getDescription() == null ? "" : route.getDescription()).raw("</td></tr>");
  }
}
