package routes.web;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import routes.jetstream.Consumers;
import routes.jetstream.JetStreamConsumer;
import routes.uplink.Gateway;
import routes.uplink.Uplink;

/** One card per gateway. */
final class GatewaysSection implements Section {
  /** Values in 15 s, at one per 5 s. A drain after an outage must not be hidden by the outage. */
  private static final int RECENT = 3;

  private final CamelContext context;
  private final GatewayStatus gateways;

  GatewaysSection(CamelContext context, GatewayStatus gateways) {
    this.context = context;
    this.gateways = gateways;
  }

  @Override
  public String id() {
    return "gateways";
  }

  @Override
  public String html() {
    List<Map<String, Object>> rows = gateways.status();
    if (rows.isEmpty()) {
      return "<p class=\"empty\">No gateway is enabled. Telemetry stays on this device; the setting"
          + " <code>gateways</code> sends it to a cloud or broker.</p>";
    }
    Map<String, JetStreamConsumer> consumers = new HashMap<>();
    Consumers.of(context).forEach(consumer -> consumers.put(consumer.getRouteId(), consumer));
    Map<String, List<Map<String, Object>>> cards = new LinkedHashMap<>();
    for (Map<String, Object> row : rows) {
      String id = String.valueOf(row.get("gateway"));
      String name =
          Optional.ofNullable(consumers.get(id))
              .flatMap(JetStreamConsumer::uplink)
              .map(Uplink::name)
              .orElse(id);
      cards.computeIfAbsent(name, card -> new ArrayList<>()).add(row);
    }
    Html html = new Html();
    cards.forEach((name, routes) -> card(html, name, routes, consumers));
    return html.toString();
  }

  /**
   * @param routes those that share the gateway's connection; the first is the gateway's own
   */
  private static void card(
      Html html,
      String name,
      List<Map<String, Object>> routes,
      Map<String, JetStreamConsumer> consumers) {
    Map<String, Object> row = routes.get(0);
    Optional<JetStreamConsumer> consumer =
        Optional.ofNullable(consumers.get(String.valueOf(row.get("gateway"))));
    Object state = row.getOrDefault("state", "running");
    html.raw("<article class=\"card ").raw(quality(state)).raw("\">");
    html.raw("<header>").element("h3", name.replaceFirst("^gateway-", ""));
    html.raw("<span class=\"pill ").raw(quality(state)).raw("\">").text(capital(state));
    html.raw("</span></header>");
    consumer
        .flatMap(JetStreamConsumer::uplink)
        .filter(Gateway.class::isInstance)
        .flatMap(uplink -> ((Gateway) uplink).identity())
        .ifPresent(where -> where(html, where));
    if (row.get("since") != null) {
      Instant since = Instant.parse(String.valueOf(row.get("since")));
      html.raw("<p class=\"since\">since ").time(since).raw(" <span class=\"soft\">(");
      html.text(Html.duration(Duration.between(since, Instant.now()))).raw(")</span></p>");
    }
    if (row.get("lastError") != null) {
      html.raw("<p class=\"error\"><span>")
          .raw("connected".equals(state) ? "Last error" : "Error")
          .raw("</span> ")
          .text(row.get("lastError"))
          .raw("</p>");
    }
    backlog(html, row.get("backlog"), consumer.map(JetStreamConsumer::backlogTrend));
    html.raw("<dl class=\"numbers\">");
    number(html, "Delivered", row.get("delivered"), false);
    number(html, "Rejected", row.get("refused"), true);
    number(html, "Dead letters", row.get("dead"), true);
    number(html, "Dropped", row.get("drops"), true);
    html.raw("</dl>");
    routes.stream().skip(1).forEach(other -> other(html, other));
    html.raw("</article>");
  }

  private static void where(Html html, String where) {
    html.raw("<p class=\"where\" title=\"").text(where).raw("\">").text(where).raw("</p>");
  }

  /** Another route through the same gateway, such as its inventory. */
  private static void other(Html html, Map<String, Object> row) {
    html.raw("<p class=\"other\">").element("b", row.get("gateway")).raw(" ");
    html.text(row.getOrDefault("backlog", "unknown")).raw(" waiting, ");
    html.text(row.get("delivered")).raw(" delivered, ").text(row.get("refused"));
    html.raw(" rejected, ").text(row.get("dead")).raw(" dead</p>");
  }

  private static void backlog(Html html, Object backlog, Optional<long[]> trend) {
    html.raw("<div class=\"backlog\"><dl><dt>Backlog</dt><dd>");
    html.text(backlog == null ? "unknown" : Html.count(((Number) backlog).longValue()));
    html.raw("</dd></dl>");
    trend
        .filter(values -> values.length > 1)
        .ifPresent(
            values -> {
              html.raw("<figure>").raw(Sparkline.svg(values));
              html.element("figcaption", direction(values)).raw("</figure>");
            });
    html.raw("</div>");
  }

  /** One message is in flight now and then, which is no trend. */
  static String direction(long[] values) {
    long now = values[values.length - 1];
    long before = now;
    for (int i = values.length - 1; i >= Math.max(0, values.length - 1 - RECENT); i--) {
      before = values[i] < 0 ? before : values[i];
    }
    if (now < 0) {
      return "unknown";
    }
    if (now == 0) {
      return "empty";
    }
    boolean steady = now == before || Math.max(now, before) <= 1;
    return steady ? "steady" : now > before ? "rising" : "falling";
  }

  private static void number(Html html, String name, Object value, boolean bad) {
    if (value instanceof Number number) {
      boolean marked = bad && number.longValue() > 0;
      html.raw("<div").raw(marked ? " class=\"marked\">" : ">").element("dt", name);
      html.element("dd", Html.count(number.longValue())).raw("</div>");
    }
  }

  /** The class that colours a state. */
  static String quality(Object state) {
    return switch (String.valueOf(state)) {
      case "connected", "running" -> "good";
      case "connecting", "standby" -> "wait";
      default -> "bad";
    };
  }

  private static String capital(Object state) {
    String text = String.valueOf(state);
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
