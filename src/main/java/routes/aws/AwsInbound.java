package routes.aws;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.Message;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.commands.Commands;
import routes.link.Refusals;
import routes.link.Refusals.Reason;

/**
 * Tells what a message from AWS IoT Core is, by its topic.
 *
 * <ul>
 *   <li>{@code cmd/<thing>/<name>}, a command: the header Command-Name
 *   <li>the shadow's delta, and its document: the header {@value #DESIRED}, and as body the state
 *       that is desired, a JSON object
 *   <li>a refusal of the shadow: a line in the log
 * </ul>
 *
 * Anything else sets no header.
 */
public final class AwsInbound {
  static final String COMMAND = Commands.NAME;
  static final String DESIRED = "Desired-State";

  private static final Logger LOG = LoggerFactory.getLogger("commands-aws");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String commands;
  private final Shadow shadow;
  private final Refusals refusals;

  AwsInbound(String thing, MeterRegistry meters) {
    this.refusals = new Refusals(meters, "gateway-aws", LOG);
    this.commands = AwsReply.commands(thing);
    this.shadow = new Shadow(thing);
  }

  @Handler
  public void read(Exchange exchange) {
    Message message = exchange.getMessage();
    String topic = message.getHeader(PahoMqtt5Constants.MQTT_TOPIC, "", String.class);
    byte[] payload = message.getBody(byte[].class);
    if (topic.startsWith(commands)) {
      message.setHeader(COMMAND, topic.substring(commands.length()));
    } else if (topic.equals(shadow.delta())) {
      desired(message, json(topic, payload).path("state"));
    } else if (topic.equals(shadow.got())) {
      JsonNode state = json(topic, payload).path("state");
      // The delta is absent once everything that is desired has been reported.
      desired(message, state.has("delta") ? state.path("delta") : state.path("desired"));
    } else if (topic.equals(shadow.rejected())) {
      rejected(json(topic, payload));
    } else {
      LOG.debug("dropped a message on {}", topic);
    }
  }

  private static void rejected(JsonNode why) {
    if (why.path(AwsInventory.CLIENT_TOKEN).asText().equals(AwsInventory.TOKEN)) {
      LOG.warn(
          "AWS refused the inventory: {} (code {})",
          why.path("message").asText("no reason given"),
          why.path("code").asText("unknown"));
    }
  }

  private static void desired(Message message, JsonNode state) {
    if (state.isObject() && !state.isEmpty()) {
      message.setHeader(DESIRED, true);
      message.setBody(state.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Missing, for what is no JSON. */
  private JsonNode json(String topic, byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (IOException | IllegalArgumentException e) {
      refusals.add(Reason.MALFORMED, "a message on " + topic + " that is no JSON");
      return JSON.missingNode();
    }
  }
}
