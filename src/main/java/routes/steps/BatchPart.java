package routes.steps;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.LoggerFactory;
import routes.log.RateLimitedLog;
import routes.uplink.Json;
import routes.uplink.Telemetry;

/** The part of a message that an array contains: the whole payload, or the selected numbers. */
final class BatchPart {
  private static final Pattern JSON_TYPE =
      Pattern.compile("(?i)application/(.*\\+)?json\\s*(;.*)?");

  private final Numbers numbers;
  private final RateLimitedLog log = new RateLimitedLog(LoggerFactory.getLogger("batch"));

  /**
   * @param numbers null for the whole payload
   */
  BatchPart(Numbers numbers) {
    this.numbers = numbers;
  }

  /**
   * Empty for a message that continues alone. A message without the selected numbers ends its
   * route.
   */
  Optional<byte[]> of(Exchange exchange) {
    if (numbers != null) {
      Optional<JsonNode> found = numbers.of(exchange);
      exchange.setRouteStop(found.isEmpty());
      return found.map(Json::write);
    }
    Message message = exchange.getMessage();
    String type = message.getHeader(Telemetry.CONTENT_TYPE, Batch.JSON, String.class);
    if (!type.equals(Batch.JSON) && !JSON_TYPE.matcher(type).matches()) {
      return Optional.empty();
    }
    byte[] body = message.getBody(byte[].class);
    if (body == null || body.length == 0 || !Json.isJson(body) || isBlank(body)) {
      log.warnWithCount(
          exchange.getFromRouteId(),
          exchange.getFromRouteId()
              + ": a payload is not JSON and is sent alone as it is; set its Content-Type");
      return Optional.empty();
    }
    return Optional.of(body);
  }

  private static boolean isBlank(byte[] json) {
    return json[0] <= ' ' && new String(json, StandardCharsets.UTF_8).isBlank();
  }
}
