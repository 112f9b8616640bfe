package routes.google;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.Json;

/** The device's config, on {@code /devices/<device>/config}: its desired state. */
record GoogleDesired(GoogleTopics topics) {
  /** Empty for a device without a config, which receives an empty one when it subscribes. */
  Optional<Inbound> read(MqttMessage message) {
    if (!message.topic().equals(topics.config())) {
      throw new MalformedMessageException("a message on an unknown topic: " + message.topic());
    }
    if (message.payload().length == 0) {
      return Optional.empty();
    }
    if (Json.read(message.payload()).filter(JsonNode::isObject).isEmpty()) {
      throw new MalformedMessageException("a config that is not a JSON object");
    }
    return Optional.of(new Desired(message.payload()));
  }
}
