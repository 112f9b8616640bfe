package routes.azure;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.Json;

/**
 * The twin's desired properties: all of them after each connect, then each change. Logs the refusal
 * of reported properties.
 *
 * @param gateway the instance's name, for the log
 * @param again called when the hub is too busy to return the twin
 */
record AzureDesired(String gateway, Runnable again) {
  private static final int TOO_MANY = 429;
  private static final int HUBS_OWN = 500;
  private static final int FIRST_ERROR = 400;

  /** Empty if the message contains no desired properties. */
  Optional<Inbound> read(MqttMessage message) {
    String topic = message.topic();
    if (topic.startsWith(AzureTopics.DESIRED)) {
      return Optional.of(desired(topic, json(message)));
    }
    if (topic.startsWith(AzureTopics.TWIN_ANSWERS)) {
      try {
        return answer(message, topic.substring(AzureTopics.TWIN_ANSWERS.length()));
      } catch (IllegalArgumentException e) {
        throw malformed(topic);
      }
    }
    throw new MalformedMessageException("a message on an unknown topic: " + topic);
  }

  /** {@code <status>/?$rid=<request id>[&$version=<n>]} */
  private Optional<Inbound> answer(MqttMessage message, String rest) {
    String[] parts = rest.split("/", 2);
    int status = Integer.parseInt(parts[0]);
    String request =
        PropertyBag.parse(parts.length < 2 ? "" : parts[1].replaceFirst("^\\?", "")).get("$rid");
    boolean asked = AzureTopics.TWIN_REQUEST.equals(request);
    if (status >= FIRST_ERROR) {
      LoggerFactory.getLogger("commands-" + gateway)
          .warn(
              "{} refused by the hub: status {} {}",
              asked ? "twin request" : "reported properties",
              status,
              new String(message.payload(), StandardCharsets.UTF_8).replaceAll("\\s+", " "));
      if (asked && (status == TOO_MANY || status >= HUBS_OWN)) {
        again.run();
      }
      return Optional.empty();
    }
    return asked
        ? Optional.of(desired(message.topic(), json(message).path("desired")))
        : Optional.empty();
  }

  private static JsonNode json(MqttMessage message) {
    return Json.read(message.payload()).orElseThrow(() -> malformed(message.topic()));
  }

  private static Desired desired(String topic, JsonNode properties) {
    if (!properties.isObject()) {
      throw malformed(topic);
    }
    return new Desired(Json.write(properties));
  }

  private static MalformedMessageException malformed(String topic) {
    return new MalformedMessageException("a malformed message on " + topic);
  }
}
