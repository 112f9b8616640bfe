package routes.mqtt;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import routes.link.CommandTopics;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.link.TopicTemplate;
import routes.settings.SettingException;
import routes.uplink.Desired;
import routes.uplink.GatewaySettings;
import routes.uplink.Inbound;
import routes.uplink.Json;
import routes.uplink.Telemetry;

/**
 * Where a broker has the device's desired state: the setting {@code desired}, a topic such as
 * {@code desired/edge-1} with a retained JSON object. It is empty by default, because on a broker
 * without access control anyone may publish there.
 */
record BrokerDesired(String topic) {
  static final String KEY = "desired";
  private static final int LONGEST = 1024;

  /** Bytes; as many as ClearBlade's config has, and more than a twin or a shadow. */
  private static final int LARGEST = 64 << 10;

  /**
   * Reads the setting; empty if this gateway receives no desired state.
   *
   * @param commands the topics of commands
   * @param telemetry the topics to which the gateway publishes
   * @throws SettingException if it is not a topic, or one that is used otherwise
   */
  static Optional<BrokerDesired> read(
      GatewaySettings settings,
      Optional<CommandTopics> commands,
      TopicTemplate telemetry,
      String device) {
    Optional<String> topic = settings.find(KEY);
    topic.ifPresent(
        text -> {
          // A blank would end the topic in the endpoint; a quote or a brace, the text in the
          // precondition of the route file.
          if (!text.matches("[^\\s+#'{}$][^\\s+#'{}]*") || text.length() > LONGEST) {
            throw wrong(settings, text, "is not a topic");
          }
          if (commands.filter(topics -> topics.matches(text)).isPresent()) {
            throw wrong(settings, text, "matches " + settings.key(BrokerCommands.KEY));
          }
          if (text.equals(telemetry.topic(device, Telemetry.METRICS))
              || text.equals(telemetry.topic(device, BrokerGateway.INVENTORY))) {
            throw wrong(settings, text, "is a topic to which this gateway publishes");
          }
        });
    return topic.map(BrokerDesired::new);
  }

  private static SettingException wrong(GatewaySettings settings, String text, String problem) {
    return settings.wrong(KEY, "\"" + text + "\" " + problem + "; use desired/{{device.id}}");
  }

  /** Empty for another topic, and for the empty message that removes a retained one. */
  Optional<Inbound> read(MqttMessage message) {
    if (!message.topic().equals(topic) || message.payload().length == 0) {
      return Optional.empty();
    }
    if (message.payload().length > LARGEST) {
      throw new MalformedMessageException("a desired state on " + topic + ": larger than 64 KB");
    }
    if (Json.read(message.payload()).filter(JsonNode::isObject).isEmpty()) {
      throw new MalformedMessageException("a desired state on " + topic + ": not a JSON object");
    }
    return Optional.of(new Desired(message.payload()));
  }
}
