package routes.steps;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.slf4j.LoggerFactory;
import routes.log.RateLimitedLog;
import routes.uplink.InvalidMessageException;

/**
 * Evaluates a jq expression that selects a number, or an object or array of numbers. Logs messages
 * without such a value under the name of the route, at most once per minute.
 */
final class Numbers {
  private static final int LONGEST = 60;

  private final String jq;
  private final String otherwise;
  private final Expression expression;
  private final Map<String, RateLimitedLog> logs = new ConcurrentHashMap<>();

  /**
   * @param otherwise what happens to a message without numbers, for the log
   */
  Numbers(CamelContext context, String jq, String otherwise) {
    this.jq = jq.strip();
    this.otherwise = otherwise;
    this.expression = context.resolveLanguage("jq").createExpression(jq);
  }

  Optional<JsonNode> of(Exchange exchange) {
    String found;
    try {
      JsonNode value = expression.evaluate(exchange, JsonNode.class);
      if (areNumbers(value)) {
        return Optional.of(value);
      }
      found = value == null ? "nothing" : value.toString();
    } catch (InvalidMessageException e) {
      found = e.getMessage().replaceFirst("(?s).* failed: ", "");
    }
    warn(exchange.getFromRouteId(), found);
    return Optional.empty();
  }

  private void warn(String route, String found) {
    String shown = found.length() > LONGEST ? found.substring(0, LONGEST) + "..." : found;
    logs.computeIfAbsent(
            String.valueOf(route), name -> new RateLimitedLog(LoggerFactory.getLogger(name)))
        .warnWithCount(jq, "no number at " + jq + ", found " + shown + "; " + otherwise);
  }

  private static boolean areNumbers(JsonNode node) {
    if (node == null || !node.isContainerNode()) {
      return node != null && node.isNumber() && Double.isFinite(node.doubleValue());
    }
    for (JsonNode child : node) {
      if (!areNumbers(child)) {
        return false;
      }
    }
    return !node.isEmpty();
  }
}
