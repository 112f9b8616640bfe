package routes.operations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import routes.bus.Bus;
import routes.jetstream.StreamStates;
import routes.jetstream.UnreadableStreamException;
import routes.log.RecentWarnings;
import routes.settings.Redaction;
import routes.settings.Settings;
import routes.tls.Expiry;
import routes.tls.Renewable;
import routes.uplink.Gateways;
import routes.uplink.Json;
import routes.web.GatewayStatus;

/** Bean {@code diagnoseOperation}: the command {@code diagnose}. */
public final class DiagnoseOperation {
  /** Enough for the limit of a reply, however long the texts are. */
  private static final int MOST = 40;

  private static final int WARNINGS = 10;

  private final CamelContext context;
  private final Bus bus;

  DiagnoseOperation(CamelContext context, Bus bus) {
    this.context = context;
    this.bus = bus;
  }

  /**
   * A summary of the runtime. A list with more than 40 items is cut, and {@code <list>Left} has the
   * number of the others.
   *
   * @return {@code {"device":"...","version":"...","uptimeSeconds":7,"health":[...],
   *     "gateways":[...],"bus":{...},"streams":[...],"certificates":[...],"warnings":[...],...}}
   */
  public byte[] answer(byte[] payload) throws InterruptedException {
    return Request.answer(payload, List.of(), request -> reply());
  }

  private ObjectNode reply() {
    Settings settings = new Settings(context);
    Redaction redaction = Redaction.of(settings, Gateways.keys(settings));
    ObjectNode reply = ProcessFacts.read(context, settings);
    put(reply, "health", health(redaction));
    put(reply, "gateways", gateways(redaction));
    bus(reply, redaction);
    put(reply, "certificates", certificates());
    put(reply, "warnings", warnings(redaction));
    return reply;
  }

  private static void put(ObjectNode reply, String name, List<ObjectNode> items) {
    ArrayNode list = reply.putArray(name);
    items.stream().limit(MOST).forEach(list::add);
    if (items.size() > MOST) {
      reply.put(name + "Left", items.size() - MOST);
    }
  }

  /** Those that are DOWN first. Camel's checks of single routes are left out while they are UP. */
  private List<ObjectNode> health(Redaction redaction) {
    return HealthCheckHelper.invoke(context).stream()
        .filter(
            result ->
                result.getState() != HealthCheck.State.UP
                    || !result.getCheck().getId().matches("(route|consumer):.*"))
        .sorted(
            Comparator.comparing(
                    (HealthCheck.Result result) -> result.getState() == HealthCheck.State.UP)
                .thenComparing(result -> result.getCheck().getId()))
        .map(
            result -> {
              ObjectNode row = Json.object().put("check", result.getCheck().getId());
              row.put("state", result.getState().name());
              result
                  .getMessage()
                  .ifPresent(message -> row.put("message", Texts.line(redaction, message)));
              return row;
            })
        .toList();
  }

  private List<ObjectNode> gateways(Redaction redaction) {
    return new GatewayStatus(context)
        .status().stream()
            .map(
                status -> {
                  ObjectNode row = Json.object();
                  for (Map.Entry<String, Object> entry : status.entrySet()) {
                    if (entry.getValue() instanceof String text) {
                      row.put(entry.getKey(), Texts.line(redaction, text));
                    } else {
                      row.putPOJO(entry.getKey(), entry.getValue());
                    }
                  }
                  return row;
                })
            .toList();
  }

  private void bus(ObjectNode reply, Redaction redaction) {
    ObjectNode row = reply.putObject("bus").put("server", bus.name());
    row.put("connected", bus.connected()).put("since", bus.since().toString());
    row.put("reconnects", bus.reconnects());
    bus.problem().ifPresent(problem -> row.put("problem", Texts.line(redaction, problem)));
    ArrayNode streams = reply.putArray("streams");
    try {
      for (StreamStates.State state : StreamStates.read(bus)) {
        ObjectNode stream = streams.addObject().put("stream", state.name());
        stream.put("messages", state.messages()).put("bytes", state.bytes());
        stream.put("maxBytes", state.maxBytes()).put("maxAgeSeconds", state.maxAgeSeconds());
        if (state.oldest() != null) {
          stream.put("oldest", state.oldest().toString());
        }
        stream.put("consumers", state.consumers());
      }
    } catch (UnreadableStreamException e) {
      row.put("streamsProblem", Texts.line(redaction, e.getMessage()));
    }
  }

  private List<ObjectNode> certificates() {
    return context.getRegistry().findByType(Renewable.class).stream()
        .flatMap(owner -> owner.expiries().stream())
        .filter(expiry -> expiry.end().isPresent())
        .sorted(Comparator.comparing(Expiry::name))
        .map(
            expiry -> {
              Instant end = expiry.end().orElse(Instant.MAX);
              return Json.object()
                  .put("name", expiry.name())
                  .put("expires", end.toString())
                  .put("daysLeft", Duration.between(Instant.now(), end).toDays());
            })
        .toList();
  }

  private static List<ObjectNode> warnings(Redaction redaction) {
    return RecentWarnings.newest().stream()
        .limit(WARNINGS)
        .map(
            warning ->
                Json.object()
                    .put("time", warning.time().toString())
                    .put("level", warning.error() ? "ERROR" : "WARN")
                    .put("logger", warning.logger())
                    .put("text", Texts.line(redaction, warning.text())))
        .toList();
  }
}
