package routes.google;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
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
 * Finds out what a message of the registry is.
 *
 * <ul>
 *   <li>{@code /devices/<device>/commands/<name>}: a command; its payload goes along as it is.
 *   <li>{@code /devices/<device>/commands}: a command that is named in its payload, as {@code
 *       {"command":"<name>","payload":...}}.
 *   <li>{@code /devices/<device>/config} with a JSON object: what the device should be like.
 * </ul>
 *
 * A command sets the header {@code Command-Name}, empty where the message names none, and {@code
 * Command-Id} to the member {@code id} of its payload, if there is one; a config sets the exchange
 * property {@code config}. Anything else sets neither.
 */
public final class InboundMessage {
  static final String NAME = Commands.NAME;
  static final String ID = "Command-Id";
  static final String CONFIG = "config";

  private static final Logger LOG = LoggerFactory.getLogger("commands-google");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String root;
  private final Refusals refusals;

  /**
   * @param device this device's id
   */
  InboundMessage(String device, MeterRegistry meters) {
    refusals = new Refusals(meters, "gateway-google", LOG);
    root = "/devices/" + device + "/";
  }

  @Handler
  public void read(Exchange exchange) throws JsonProcessingException {
    Message message = exchange.getMessage();
    String topic = message.getHeader(PahoConstants.MQTT_TOPIC, "", String.class);
    byte[] payload = message.getBody(byte[].class);
    JsonNode content = parse(payload == null ? new byte[0] : payload);
    if (topic.equals(root + "config")) {
      config(exchange, content);
    } else if (topic.startsWith(root + "commands/")) {
      command(message, topic.substring((root + "commands/").length()), content);
    } else if (topic.equals(root + "commands")) {
      command(message, content.path("command").asText(), content);
      JsonNode inner = content.path("payload");
      message.setBody(inner.isMissingNode() ? new byte[0] : JSON.writeValueAsBytes(inner));
    } else {
      refusals.add(Reason.TOPIC, "a message on an unknown topic: " + topic);
    }
  }

  /** The missing node for what is no JSON. */
  private static JsonNode parse(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }

  private static void command(Message message, String name, JsonNode content) {
    message.setHeader(NAME, name);
    JsonNode id = content.path("id");
    if (id.isTextual() || id.isNumber()) {
      message.setHeader(ID, id.asText());
    }
  }

  /** A device that never had a config gets an empty one when it subscribes. */
  private void config(Exchange exchange, JsonNode content) {
    if (content.isObject()) {
      exchange.setProperty(CONFIG, true);
    } else if (exchange.getMessage().getBody(byte[].class).length > 0) {
      refusals.add(Reason.MALFORMED, "a config: it should be a JSON object");
    }
  }
}
