package routes.link;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;
import routes.uplink.Command;
import routes.uplink.Inbound;
import routes.uplink.Reply;

/**
 * Commands on {@code <prefix><name>}, and replies as request and response of MQTT 5 (4.10). A reply
 * goes to the request's response topic, or to {@code <prefix><name>/reply} if it has none, as with
 * MQTT 3.1.1. It carries the request's correlation data and the user property {@code status}, an
 * HTTP status code.
 *
 * <p>A response topic must be {@code <prefix><level>/...}. Whoever sends a command must not be able
 * to make the device publish anything else: telemetry, a command to another device, or, at AWS, a
 * message on which the device is disconnected. With any other response topic, the reply goes to
 * {@code <prefix><name>/reply} too.
 *
 * @param gateway the instance's name, for the log
 * @param prefix the start of every command's topic, which ends with a slash
 * @param fits whether the broker accepts the length of a topic
 */
public record CommandTopics(String gateway, String prefix, Predicate<String> fits) {
  /** The topic filter of all commands. */
  public String filter() {
    return prefix + "+";
  }

  /** Whether a message on the topic would be taken for a command. */
  public boolean matches(String topic) {
    return TopicFilter.matches(filter(), topic);
  }

  /** The command; empty for a message on any other topic. */
  public Optional<Inbound> read(MqttMessage message) {
    return matches(message.topic())
        ? Optional.of(new Command(message.topic().substring(prefix.length()), message.payload()))
        : Optional.empty();
  }

  /** The message that returns a reply; empty for a command whose name does not fit into a topic. */
  public Optional<MqttMessage> reply(MqttMessage request, Command command, Reply reply) {
    MqttMessage.Properties asked = request.properties();
    String topic = replyTopic(command.name(), asked.responseTopic());
    if (!fits.test(topic)) {
      warn("dropped the reply to a command whose name is too long");
      return Optional.empty();
    }
    return Optional.of(
        new MqttMessage(topic, reply.body())
            .with(
                new MqttMessage.Properties(
                    "application/json",
                    false,
                    null,
                    null,
                    asked.correlationData(),
                    List.of(Map.entry("status", Integer.toString(reply.status()))))));
  }

  private String replyTopic(String name, String wanted) {
    String usual = prefix + name + "/reply";
    if (wanted == null || wanted.isEmpty()) {
      return usual;
    }
    boolean below = wanted.startsWith(prefix) && wanted.substring(prefix.length()).contains("/");
    if (below && fits.test(wanted) && !wanted.contains("+") && !wanted.contains("#")) {
      return wanted;
    }
    warn(
        "reply to command %s goes to %s: the response topic must be %s<level>/<name>, without wildcards"
            .formatted(name, usual, prefix));
    return usual;
  }

  private void warn(String line) {
    LoggerFactory.getLogger("commands-" + gateway).warn(line);
  }
}
