package routes.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.Reply;

/** Messages from the registry and the replies, without a connection. */
class GoogleCommandsTest {
  private final GoogleTopics topics = new GoogleTopics("edge-1");
  private final GoogleCommands commands = new GoogleCommands(topics);
  private final GoogleDesired desired = new GoogleDesired(topics);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MqttMessage message(String topic, String payload) {
    return new MqttMessage("/devices/edge-1/" + topic, bytes(payload));
  }

  private String reply(MqttMessage request, String reply) {
    Command command = (Command) commands.read(request).orElseThrow();
    MqttMessage sent = commands.reply(request, command, new Reply(200, bytes(reply)));
    assertThat(sent.topic()).isEqualTo("/devices/edge-1/events/commands");
    return new String(sent.payload(), StandardCharsets.UTF_8);
  }

  private String written(String reply) {
    return reply(message("commands/ping", ""), reply);
  }

  @Test
  void aReplyIsJsonOrAStringOrAbsent() {
    assertThat(written("{\"a\":[1]}"))
        .isEqualTo("{\"command\":\"ping\",\"status\":200,\"reply\":{\"a\":[1]}}");
    assertThat(written("pong \"1\""))
        .isEqualTo("{\"command\":\"ping\",\"status\":200,\"reply\":\"pong \\\"1\\\"\"}");
    assertThat(written("1 2"))
        .as("two values are not JSON")
        .isEqualTo("{\"command\":\"ping\",\"status\":200,\"reply\":\"1 2\"}");
    assertThat(written("")).isEqualTo("{\"command\":\"ping\",\"status\":200}");
  }

  @Test
  void replacesAReplyThatCannotBeSentWithAnError() {
    assertThat(written("x".repeat(256 * 1024)))
        .startsWith("{\"command\":\"ping\",\"status\":413,\"reply\":\"")
        .endsWith("bytes; at most 262144 can be sent\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "commands/ping | {\"id\":7} | ping | {\"id\":7} | 7",
        "commands/ping | {\"id\":\"x\"} | ping | {\"id\":\"x\"} | x",
        "commands/ping | {\"id\":[7]} | ping | {\"id\":[7]} | ",
        "commands/ping | no JSON | ping | no JSON | ",
        "commands/a/b c | {} | a/b c | {} | ",
        "commands | {\"command\":\"ping\",\"id\":\"x\",\"payload\":{\"n\":2}} | ping | {\"n\":2} | x",
        "commands | {\"command\":\"ping\"} | ping | '' | ",
        "commands | no JSON | '' | '' | ",
        "commands | [] | '' | '' | "
      })
  void takesTheNameFromSubfolderOrPayload(
      String topic, String payload, String name, String inner, String id) {
    MqttMessage request = message(topic, payload);
    Command command = (Command) commands.read(request).orElseThrow();
    assertThat(command.name()).isEqualTo(name);
    assertThat(command.payload()).asString().isEqualTo(inner);
    String answer = reply(request, "");
    if (id == null) {
      assertThat(answer).doesNotContain("\"id\"");
    } else {
      assertThat(answer).contains("\"id\":\"" + id + "\"");
    }
  }

  private Optional<Inbound> read(MqttMessage message) {
    return commands.read(message).or(() -> desired.read(message));
  }

  @Test
  void passesAConfigUnchangedAsDesiredState() {
    Desired state = (Desired) read(message("config", "{ \"fan\": 1 }")).orElseThrow();
    assertThat(state.state()).asString().isEqualTo("{ \"fan\": 1 }");
    assertThat(read(message("config", ""))).as("a device without a config").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no JSON", "[1]", "\"text\"", " ", "{} {}"})
  void aConfigThatIsNotAnObjectIsMalformed(String payload) {
    assertThatThrownBy(() -> read(message("config", payload)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("a config that is not a JSON object");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state", "commandsx", "configs", ""})
  void anUnknownTopicIsMalformed(String topic) {
    assertThatThrownBy(() -> read(message(topic, "{}")))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("a message on an unknown topic: /devices/edge-1/" + topic);
  }
}
