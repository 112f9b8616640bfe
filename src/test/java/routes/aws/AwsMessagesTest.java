package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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

/** Messages from AWS IoT Core and the replies, without a connection. */
class AwsMessagesTest {
  private static final String SHADOW = "$aws/things/edge-1/shadow/";
  private final AwsTopics topics = new AwsTopics("edge-1");
  private final AwsCommands commands = new AwsCommands("aws", topics);
  private final AwsDesired desired = new AwsDesired("aws", topics);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Optional<Inbound> read(String topic, String payload) {
    MqttMessage message = new MqttMessage(topic, bytes(payload));
    return commands.read(message).or(() -> desired.read(message));
  }

  private Optional<MqttMessage> reply(String name, String responseTopic, Reply reply) {
    MqttMessage request =
        new MqttMessage("cmd/edge-1/" + name, new byte[0])
            .with(
                new MqttMessage.Properties(
                    null, false, null, responseTopic, bytes("c"), List.of()));
    return commands.reply(request, (Command) commands.read(request).orElseThrow(), reply);
  }

  @Test
  void aMessageOnACommandTopicOfTheThingIsACommand() {
    Command command = (Command) read("cmd/edge-1/ping", "{\"a\":1}").orElseThrow();
    assertThat(command.name()).isEqualTo("ping");
    assertThat(command.payload()).asString().isEqualTo("{\"a\":1}");
  }

  @Test
  void aReplyCarriesStatusContentTypeAndCorrelation() {
    MqttMessage reply = reply("ping", null, new Reply(404, bytes("{}"))).orElseThrow();
    assertThat(reply.topic()).isEqualTo("cmd/edge-1/ping/reply");
    assertThat(reply.payload()).asString().isEqualTo("{}");
    assertThat(reply.properties().contentType()).isEqualTo("application/json");
    assertThat(reply.properties().correlationData()).isEqualTo(bytes("c"));
    assertThat(reply.properties().user()).containsExactly(Map.entry("status", "404"));
  }

  @ParameterizedTest
  @CsvSource({
    "cmd/edge-1/ping/reply/42, cmd/edge-1/ping/reply/42",
    "cmd/edge-1/other/x,       cmd/edge-1/other/x",
    "'',                       cmd/edge-1/ping/reply",
    "devices/edge-1/metrics,   cmd/edge-1/ping/reply",
    "cmd/edge-1/ping,          cmd/edge-1/ping/reply",
    "cmd/edge-1/x/+,           cmd/edge-1/ping/reply",
    "cmd/edge-1/x/#,           cmd/edge-1/ping/reply",
    "cmd/edge-1/a/b/c/d/e/f/g, cmd/edge-1/ping/reply"
  })
  void sendsAReplyOnlyBelowTheDevicesCommandTopics(String wanted, String topic) {
    assertThat(reply("ping", wanted, new Reply(200, new byte[0])).orElseThrow().topic())
        .isEqualTo(topic);
  }

  @Test
  void replacesAnOversizedReplyWithAnError() {
    MqttMessage reply = reply("ping", null, new Reply(200, new byte[128 * 1024 + 1])).orElseThrow();
    assertThat(reply.payload())
        .asString()
        .isEqualTo("{\"error\":\"the reply is larger than 128 KB\"}");
    assertThat(reply.properties().user()).containsExactly(Map.entry("status", "500"));
  }

  @Test
  void aNameThatFitsNoTopicGetsNoReply() {
    assertThat(reply("x".repeat(240), null, new Reply(200, new byte[0]))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "update/delta | {\"version\":1,\"state\":{\"fan\":1}}",
        "get/accepted | {\"state\":{\"desired\":{\"fan\":1}}}",
        "get/accepted | {\"state\":{\"desired\":{\"fan\":1,\"x\":1},\"delta\":{\"fan\":1}}}"
      })
  void theDeltaOfTheShadowIsTheDesiredState(String topic, String payload) {
    Desired state = (Desired) read(SHADOW + topic, payload).orElseThrow();
    assertThat(state.state()).asString().isEqualTo("{\"fan\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "update/delta | {}",
        "update/delta | [1]",
        "update/delta | {\"state\":1}",
        "update/delta | {\"state\":{}}",
        "get/accepted | {}",
        "get/accepted | {\"state\":{\"desired\":{\"fan\":1},\"delta\":{}}}",
        "update/rejected | {\"clientToken\":\"cloud-iot-routes-inventory\"}",
        "update/rejected | {\"code\":400}",
        "update/accepted | {}",
        "nothing/of/ours | no json"
      })
  void ignoresMessagesWithoutDesiredState(String topic, String payload) {
    assertThat(read(SHADOW + topic, payload)).isEmpty();
    assertThat(read("", payload)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"update/delta", "get/accepted", "update/rejected"})
  void aShadowThatIsNotJsonIsMalformed(String topic) {
    for (String payload : new String[] {"", "no json", "\u0000", "{} {}"}) {
      assertThatThrownBy(() -> read(SHADOW + topic, payload))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("a message on " + SHADOW + topic + ": not JSON");
    }
  }

  @Test
  void subscribesToFourFilters() {
    assertThat(topics.filters().split(" "))
        .containsExactly(
            "cmd/edge-1/+",
            SHADOW + "update/delta",
            SHADOW + "update/rejected",
            SHADOW + "get/accepted");
  }
}
