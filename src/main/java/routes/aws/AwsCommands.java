package routes.aws;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import routes.link.CommandTopics;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Inbound;
import routes.uplink.Reply;

/**
 * Commands on {@code cmd/<thing>/<name>}, in the way of {@link CommandTopics}. Response topics
 * below {@code cmd/<thing>/} are what the device's policy can name. AWS IoT Core disconnects a
 * device that publishes to any other topic.
 *
 * @param gateway the instance's name, for the log
 * @see <a
 *     href="https://docs.aws.amazon.com/whitepapers/latest/designing-mqtt-topics-aws-iot-core/">Designing
 *     MQTT Topics for AWS IoT Core</a>
 */
record AwsCommands(String gateway, AwsTopics topics) {
  private CommandTopics commands() {
    return new CommandTopics(gateway, topics.commands(), AwsTopics::fits);
  }

  /** The command; empty for a message on any other topic. */
  Optional<Inbound> read(MqttMessage message) {
    return commands().read(message);
  }

  /** Empty for a command whose name does not fit into a topic. */
  Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    Reply sent =
        reply.body().length > AwsSettings.LARGEST_PAYLOAD
            ? new Reply(500, utf8("{\"error\":\"the reply is larger than 128 KB\"}"))
            : reply;
    return commands().reply(request, command, sent);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
