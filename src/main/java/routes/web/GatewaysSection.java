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
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import routes.jetstream.Consumers;
import routes.jetstream.JetStreamConsumer;
import routes.uplink.Gateway;
import routes.uplink.Uplink;

/** One card per gateway. */
final class GatewaysSection implements Section {
  /** Values in 15 s, at one per 5 s. A drain after an outage must not be hidden by the outage. */
  private static final int RECENT = 3;

  /** After this time, an error before the connection is of no interest. */
  private static final Duration OLD = Duration.ofHours(1);

  private final CamelContext context;
  private final GatewayStatus gateways;
  private final Predicate<String> waiting;

  /**
   * @param waiting whether dead letters of a route wait
   */
  GatewaysSection(CamelContext context, GatewayStatus gateways, Predicate<String> waiting) {
    this.context = context;
    this.gateways = gateways;
    this.waiting = waiting;
  }

  @Override
  public String id() {
    return "gateways";
  }

  @Override
  public String html() {
    // a route without a state reads the bus for this device
    List<Map<String, Object>> rows =
        gateways.status().stream().filter(row -> row.containsKey("state")).toList();
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
  private void card(
      Html html,
      String name,
      List<Map<String, Object>> routes,
      Map<String, JetStreamConsumer> consumers) {
    Map<String, Object> row = routes.get(0);
    Optional<JetStreamConsumer> consumer =
        Optional.ofNullable(consumers.get(String.valueOf(row.get("gateway"))));
    Object state = row.get("state");
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
    boolean past = "connected".equals(state);
    if (row.get("lastError") != null && !(past && isOld(row.get("since")))) {
      html.raw("<p class=\"error\"><span>")
          .raw(past ? "Error before" : "Error")
          .raw("</span> ")
          .text(row.get("lastError"))
          .raw("</p>");
    }
    backlog(html, row.get("backlog"), consumer.map(JetStreamConsumer::backlogTrend));
    html.raw("<dl class=\"numbers\">");
    number(html, "Delivered", "Messages that the cloud or broker acknowledged", row, "delivered");
    number(html, "Refused", "Failed attempts while connected; they are repeated", row, "refused");
    number(html, "Dead letters", "Messages moved to the stream DEAD", row, "dead");
    number(html, "Drops", "Messages that the stream's limits removed undelivered", row, "drops");
    number(html, "Expired", "Messages skipped because of the route's maxAge", row, "expired");
    html.raw("</dl><p class=\"since soft\">Counts since the runtime started</p>");
    routes.stream().skip(1).forEach(other -> other(html, other));
    html.raw("</article>");
  }

  private static void where(Html html, String where) {
    html.raw("<p class=\"where\" title=\"").text(where).raw("\">").text(where).raw("</p>");
  }

  /** Another route through the same gateway, such as its inventory. */
  private static void other(Html html, Map<String, Object> row) {
    html.raw("<p class=\"other\">").element("b", row.get("gateway")).raw(" ");
    html.text(
        "backlog " + row.getOrDefault("backlog", "–") + ", delivered " + row.get("delivered"));
    html.text(", refused " + row.get("refused") + ", dead letters " + row.get("dead"));
    html.raw("</p>");
  }

  private static void backlog(Html html, Object backlog, Optional<long[]> trend) {
    html.raw(
        "<div class=\"backlog\"><dl><dt title=\"Messages that wait in the stream; measured every 5 s\">Backlog</dt><dd>");
    html.text(backlog == null ? "–" : Html.count(((Number) backlog).longValue()));
    html.raw("</dd></dl>");
    trend
        .filter(values -> values.length > 1)
        .ifPresent(
            values -> {
              html.raw("<figure>").raw(Sparkline.svg(values));
              html.raw("<figcaption title=\"The line shows the last 10 minutes\">");
              html.text(direction(values)).raw("</figcaption></figure>");
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

  /** Without a value, or an expired message, there is nothing to show. */
  private void number(Html html, String name, String title, Map<String, Object> row, String key) {
    if (row.get(key) instanceof Number number
        && (number.longValue() > 0 || !"expired".equals(key))) {
      boolean bad =
          switch (key) {
            case "delivered" -> false;
            case "dead" -> waiting.test(String.valueOf(row.get("gateway")));
            default -> true;
          };
      html.raw("<div title=\"").text(title).raw("\"");
      html.raw(bad && number.longValue() > 0 ? " class=\"marked\">" : ">").element("dt", name);
      html.element("dd", Html.count(number.longValue())).raw("</div>");
    }
  }

  /** The class that colours a state. */
  static String quality(Object state) {
    return switch (String.valueOf(state)) {
      case "connected" -> "good";
      case "connecting", "standby" -> "wait";
      default -> "bad";
    };
  }

  private static boolean isOld(Object since) {
    return Instant.parse(String.valueOf(since)).plus(OLD).isBefore(Instant.now());
  }

  private static String capital(Object state) {
    String text = String.valueOf(state);
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
