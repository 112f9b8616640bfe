package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import routes.Fuzz;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.Reply;

class AwsFuzzTest {
  private final AwsTopics topics = new AwsTopics("edge-1");
  private final AwsCommands commands = new AwsCommands("aws", topics);
  private final AwsDesired desired = new AwsDesired("aws", topics);

  @Test
  void messagesFromTheCloud() {
    String shadow = "$aws/things/edge-1/shadow/";
    Fuzz.messages(
        this::read,
        "cmd/edge-1/ping|{}",
        shadow + "update/delta|{\"version\":1,\"state\":{\"fan\":1}}",
        shadow + "get/accepted|{\"state\":{\"desired\":{\"fan\":1},\"delta\":{\"fan\":1}}}");
  }

  private boolean read(String topic, byte[] payload) {
    MqttMessage message = new MqttMessage(topic, payload);
    Optional<Inbound> read;
    try {
      read = commands.read(message).or(() -> desired.read(message));
    } catch (MalformedMessageException e) {
      return false;
    }
    if (read.orElse(null) instanceof Desired state) {
      assertThat(new String(state.state(), StandardCharsets.UTF_8)).startsWith("{").endsWith("}");
    }
    // a longer name gets no reply, only a log line
    if (read.orElse(null) instanceof Command command && topic.length() < 80) {
      commands
          .reply(message, command, new Reply(200, payload))
          .ifPresent(reply -> assertThat(reply.topic()).startsWith("cmd/edge-1/"));
    }
    return read.isPresent();
  }
}
