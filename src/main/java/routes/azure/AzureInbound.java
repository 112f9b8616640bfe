package routes.azure;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import org.apache.camel.component.paho.PahoConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.commands.Commands;
import routes.link.Refusals;
import routes.link.Refusals.Reason;

/**
 * Tells what a message of the hub is by its topic:
 *
 * <ul>
 *   <li>a direct method: a command, header Command-Name
 *   <li>a cloud-to-device message with an application property {@code command}: a command too, with
 *       that name; answered if it has a correlation id or a message id
 *   <li>desired properties, whether changed or asked for: exchange property {@value #DESIRED} is
 *       true and the body is their JSON object
 * </ul>
 *
 * <p>Anything else gets neither, and a line in the log if there is something to be told.
 */
public final class AzureInbound {
  static final String DESIRED = "desired";
  static final String COMMAND = Commands.NAME;

  private static final String REQUEST_ID = "?$rid=";
  private static final int FIRST_ERROR = 400;
  private static final Logger LOG = LoggerFactory.getLogger("commands-azure");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final AzureTopics topics;
  private final Refusals refusals;

  AzureInbound(AzureTopics topics, MeterRegistry meters) {
    this.topics = topics;
    this.refusals = new Refusals(meters, "gateway-azure", LOG);
  }

  @Handler
  public void read(Exchange exchange) {
    Message message = exchange.getMessage();
    // What a message may not say of itself.
    message.removeHeader(COMMAND);
    String topic = message.getHeader(PahoConstants.MQTT_TOPIC, "", String.class);
    try {
      if (topic.startsWith(AzureTopics.METHODS)) {
        method(exchange, topic.substring(AzureTopics.METHODS.length()));
      } else if (topic.startsWith(topics.messages())) {
        message(exchange, PropertyBag.parse(topic.substring(topics.messages().length())));
      } else if (topic.startsWith(AzureTopics.DESIRED)) {
        desired(exchange, JSON.readTree(message.getBody(byte[].class)));
      } else if (topic.startsWith(AzureTopics.TWIN_ANSWERS)) {
        twinAnswer(exchange, topic.substring(AzureTopics.TWIN_ANSWERS.length()));
      } else {
        refusals.add(Reason.TOPIC, "a message on an unknown topic: " + topic);
      }
    } catch (IOException | IllegalArgumentException e) {
      refusals.add(Reason.MALFORMED, "a malformed message on " + topic);
    }
  }

  /** {@code <name>/?$rid=<request id>} */
  private static void method(Exchange exchange, String rest) {
    int end = rest.indexOf("/" + REQUEST_ID);
    if (end < 0) {
      throw new IllegalArgumentException(rest);
    }
    String requestId = rest.substring(end + 1 + REQUEST_ID.length());
    exchange.getMessage().setHeader(COMMAND, rest.substring(0, end));
    AzureAnswer.goesTo(exchange, status -> AzureTopics.methodAnswer(requestId, status));
  }

  private void message(Exchange exchange, Map<String, String> properties) {
    String command = properties.get("command");
    if (command == null) {
      refusals.add(
          Reason.MALFORMED, "a cloud-to-device message without the application property command");
      return;
    }
    exchange.getMessage().setHeader(COMMAND, command);
    String id = properties.getOrDefault("$.cid", properties.get("$.mid"));
    if (id != null) {
      AzureAnswer.goesTo(exchange, status -> topics.answer(id, command, status));
    }
  }

  /** {@code <status>/?$rid=<request id>[&$version=<n>]} */
  private static void twinAnswer(Exchange exchange, String rest) throws IOException {
    String[] parts = rest.split("/", 2);
    int status = Integer.parseInt(parts[0]);
    String request =
        PropertyBag.parse(parts.length < 2 ? "" : parts[1].replaceFirst("^\\?", "")).get("$rid");
    byte[] body = exchange.getMessage().getBody(byte[].class);
    boolean asked = AzureTopics.TWIN_REQUEST.equals(request);
    if (status >= FIRST_ERROR) {
      LOG.warn(
          "the hub refused {} with status {} {}",
          asked ? "to give the twin" : "the reported properties",
          status,
          new String(body, StandardCharsets.UTF_8).replaceAll("\\s+", " "));
    } else if (asked) {
      desired(exchange, JSON.readTree(body).path("desired"));
    }
  }

  private static void desired(Exchange exchange, JsonNode properties) throws IOException {
    if (!properties.isObject()) {
      throw new IllegalArgumentException("no JSON object");
    }
    exchange.getMessage().setBody(JSON.writeValueAsBytes(properties));
    exchange.setProperty(DESIRED, true);
  }
}
