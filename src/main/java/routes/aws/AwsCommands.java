package routes.aws;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Inbound;
import routes.uplink.Reply;

/**
 * Commands on {@code cmd/<thing>/<name>}. A reply (MQTT 5, 4.10) goes to the request's response
 * topic, or to {@code cmd/<thing>/<name>/reply} when it has none, with its correlation data and the
 * user property {@code status}, which is 200 or an error as HTTP has it.
 *
 * <p>A response topic has to be {@code cmd/<thing>/<level>/...}, so that the device's policy can
 * name what it may publish to: AWS IoT Core disconnects a device that publishes to anything else,
 * and whoever sends a command must not be able to cause that, or to place replies among telemetry.
 * The reply to another one goes to {@code cmd/<thing>/<name>/reply}, too.
 *
 * @param gateway name of the instance, for the log
 * @see <a
 *     href="https://docs.aws.amazon.com/whitepapers/latest/designing-mqtt-topics-aws-iot-core/">Designing
 *     MQTT Topics for AWS IoT Core</a>
 */
record AwsCommands(String gateway, AwsTopics topics) {
  /** The command; empty for a message on any other topic. */
  Optional<Inbound> read(MqttMessage message) {
    String prefix = topics.commands();
    return message.topic().startsWith(prefix)
        ? Optional.of(new Command(message.topic().substring(prefix.length()), message.payload()))
        : Optional.empty();
  }

  /** Empty for a command with a name that no topic can hold. */
  Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    MqttMessage.Properties asked = request.properties();
    String topic = topic(command.name(), asked.responseTopic());
    if (!AwsTopics.fits(topic)) {
      log().warn("no reply to a command: its name is too long");
      return Optional.empty();
    }
    Reply sent =
        reply.body().length > AwsSettings.LARGEST_PAYLOAD
            ? new Reply(500, utf8("{\"error\":\"the reply is larger than 128 KB\"}"))
            : reply;
    MqttMessage.Properties properties =
        new MqttMessage.Properties(
            "application/json",
            false,
            null,
            null,
            asked.correlationData(),
            List.of(Map.entry("status", Integer.toString(sent.status()))));
    return Optional.of(new MqttMessage(topic, sent.body()).with(properties));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String topic(String name, String wanted) {
    String usual = topics.commands() + name + "/reply";
    if (wanted == null || wanted.isEmpty()) {
      return usual;
    }
    boolean below =
        wanted.startsWith(topics.commands())
            && wanted.substring(topics.commands().length()).contains("/");
    if (below && AwsTopics.fits(wanted) && !wanted.contains("+") && !wanted.contains("#")) {
      return wanted;
    }
    log()
        .warn(
            "the reply to command {} goes to {}: a response topic should begin with {}{}/",
            name,
            usual,
            topics.commands(),
            name);
    return usual;
  }

  private Logger log() {
    return LoggerFactory.getLogger("commands-" + gateway);
  }
}
