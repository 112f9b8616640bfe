package routes.aws;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.Json;

/**
 * The desired state of the thing's shadow: its delta after each change, the whole document after
 * each connect. Logs the refusal of a reported state.
 *
 * @param gateway the instance's name, for the log
 */
record AwsDesired(String gateway, AwsTopics topics) {
  Optional<Inbound> read(MqttMessage message) {
    String topic = message.topic();
    if (topic.equals(topics.delta())) {
      return desired(json(message).path("state"));
    }
    if (topic.equals(topics.got())) {
      JsonNode state = json(message).path("state");
      // The delta is absent once everything that is desired has been reported.
      return desired(state.has("delta") ? state.path("delta") : state.path("desired"));
    }
    if (topic.equals(topics.rejected())) {
      rejected(json(message));
    }
    return Optional.empty();
  }

  private void rejected(JsonNode why) {
    if (why.path(AwsReported.CLIENT_TOKEN).asText().equals(AwsReported.TOKEN)) {
      LoggerFactory.getLogger("commands-" + gateway)
          .warn(
              "inventory refused by AWS: {} (code {})",
              why.path("message").asText("no reason given"),
              why.path("code").asText("unknown"));
    }
  }

  private static Optional<Inbound> desired(JsonNode state) {
    return state.isObject() && !state.isEmpty()
        ? Optional.of(new Desired(Json.write(state)))
        : Optional.empty();
  }

  private static JsonNode json(MqttMessage message) {
    return Json.read(message.payload())
        .filter(json -> !json.isMissingNode())
        .orElseThrow(
            () -> new MalformedMessageException("a message on " + message.topic() + ": not JSON"));
  }
}
