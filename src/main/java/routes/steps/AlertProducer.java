package routes.steps;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.bus.StateBucket;
import routes.log.RateLimitedLog;
import routes.uplink.Telemetry;

/**
 * Keeps the state of an alert per subject. A report counts as sent when its route has succeeded. A
 * failed report is repeated with the same id when its message is redelivered. While this process
 * runs, it uses the states in memory, so an outage of NATS causes no repeated report.
 */
final class AlertProducer extends DefaultProducer {
  private static final Logger LOG = LoggerFactory.getLogger("alert");

  private final AlertEndpoint endpoint;
  private final StateBucket bucket;
  private final RateLimitedLog log = new RateLimitedLog(LOG);
  private final Map<String, AlertState> states = new LinkedHashMap<>();
  private final Map<String, AlertState> unsaved = new LinkedHashMap<>();

  AlertProducer(AlertEndpoint endpoint, StateBucket bucket) {
    super(endpoint);
    this.endpoint = endpoint;
    this.bucket = bucket;
  }

  @Override
  public synchronized void process(Exchange exchange) {
    JsonNode number = endpoint.numbers().of(exchange).orElse(null);
    if (number == null || !number.isNumber()) {
      exchange.setRouteStop(true);
      return;
    }
    String subject = StepEndpoint.subject(exchange);
    String key =
        StateBucket.key(exchange.getFromRouteId(), name(exchange), subject.replace('.', '-'));
    save(key);
    AlertState before =
        states.computeIfAbsent(
            key, id -> bucket.read(id).map(AlertState::parse).orElse(AlertState.NONE));
    Instant time = endpoint.clock().of(exchange).truncatedTo(ChronoUnit.MILLIS);
    AlertState next = before.next(endpoint, number.doubleValue(), time);
    if (before.isReported(next)) {
      report(exchange, subject, before, next, number);
      exchange.getExchangeExtension().addOnCompletion(new Reported(key, next));
      return;
    }
    exchange.setRouteStop(true);
    if (!next.equals(before)) {
      bucket.write(key, next.text());
      states.put(key, next);
    }
  }

  private String name(Exchange exchange) {
    return endpoint.nameIn(exchange.getFromRouteId());
  }

  private void report(
      Exchange exchange, String subject, AlertState before, AlertState next, JsonNode number) {
    boolean fired = next.phase() == AlertState.Phase.FIRED;
    Instant since = fired ? next.since() : before.since();
    String[] tokens = subject.split("\\.");
    String device = tokens.length > 1 ? tokens[1] : "";
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("alert", name(exchange));
    body.put("state", fired ? "fired" : "cleared");
    body.put("value", number.numberValue());
    body.put("threshold", endpoint.threshold());
    body.put("since", since.toString());
    body.put("deviceId", device);
    Message message = exchange.getMessage();
    message.setBody(body);
    message.removeHeader(Telemetry.CONTENT_TYPE);
    message.setHeader(
        Telemetry.MESSAGE_ID,
        String.join(
            "-",
            StateBucket.key(name(exchange)),
            subject,
            fired ? "fired" : "cleared",
            Long.toString(since.toEpochMilli())));
  }

  /** Saves a state that could not be saved when its report had been sent. */
  private void save(String key) {
    AlertState state = unsaved.get(key);
    if (state != null) {
      bucket.write(key, state.text());
      unsaved.remove(key);
    }
  }

  /** Changes the state once the report has been sent. */
  private final class Reported extends SynchronizationAdapter {
    private final String key;
    private final AlertState next;

    Reported(String key, AlertState next) {
      this.key = key;
      this.next = next;
    }

    @Override
    public void onComplete(Exchange exchange) {
      synchronized (AlertProducer.this) {
        states.put(key, next);
        unsaved.put(key, next);
        try {
          save(key);
        } catch (RuntimeException e) {
          log.warn(exchange.getFromRouteId() + ": " + e.getMessage() + "; saved later");
        }
      }
    }
  }
}
