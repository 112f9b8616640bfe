package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
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

/** Messages from the hub and the replies, without a connection. */
class AzureMessagesTest {
  private final AzureCommands commands =
      new AzureCommands(
          new AzureTopics(
              ConnectionStringTest.parse("HostName=h.net;DeviceId=edge-1;x509=true"),
              "edge-1",
              Map.of()));
  private int askedAgain;
  private final AzureDesired desired = new AzureDesired("azure", () -> askedAgain++);

  private static MqttMessage message(String topic, String payload) {
    return new MqttMessage(topic, payload.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Optional<Inbound> read(MqttMessage message) {
    return commands.read(message).or(() -> desired.read(message));
  }

  private Command command(MqttMessage message) {
    return (Command) read(message).orElseThrow();
  }

  private Optional<MqttMessage> reply(MqttMessage request, int status, String reply) {
    Reply sent = new Reply(status, reply.getBytes(StandardCharsets.UTF_8));
    return commands.reply(request, command(request), sent);
  }

  @ParameterizedTest
  @CsvSource({"429, 1", "500, 1", "503, 1", "400, 0", "200, 0"})
  void asksAgainWhenTheHubIsTooBusyForTheTwin(int status, int times) {
    read(message("$iothub/twin/res/" + status + "/?$rid=desired", "{\"desired\":{}}"));
    assertThat(askedAgain).isEqualTo(times);
    read(message("$iothub/twin/res/" + status + "/?$rid=reported", ""));
    assertThat(askedAgain).isEqualTo(times);
  }

  @Test
  void aMessageWithAnIdIsOneCommandHoweverOftenItIsDelivered() {
    String topic = "devices/edge-1/messages/devicebound/command=ping";
    assertThat(command(message(topic + "&%24.mid=7", "")).unique()).isTrue();
    assertThat(command(message(topic, "")).unique()).isFalse();
    assertThat(command(message(topic, "")).live()).isFalse();
    assertThat(command(message("$iothub/methods/POST/ping/?$rid=1f", "")).live()).isTrue();
  }

  @Test
  void aDirectMethodIsACommandWithAReply() {
    MqttMessage request = message("$iothub/methods/POST/ping/?$rid=1f", "{\"a\":1}");
    assertThat(command(request).name()).isEqualTo("ping");
    assertThat(text(command(request).payload())).isEqualTo("{\"a\":1}");
    MqttMessage reply = reply(request, 200, "{\"pong\":true}").orElseThrow();
    assertThat(reply.topic()).isEqualTo("$iothub/methods/res/200/?$rid=1f");
    assertThat(text(reply.payload())).isEqualTo("{\"pong\":true}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"'' | null", "done | \"done\"", "{\"a\":1}} | \"{\\\"a\\\":1}}\"", "17 | 17"})
  void aReplyIsAlwaysJson(String reply, String sent) {
    MqttMessage request = message("$iothub/methods/POST/ping/?$rid=1", "{}");
    assertThat(text(reply(request, 200, reply).orElseThrow().payload())).isEqualTo(sent);
  }

  @Test
  void theSizeLimitAppliesToTheJsonThatIsSent() {
    MqttMessage request = message("$iothub/methods/POST/ping/?$rid=1", "{}");
    // As JSON, two bytes each, plus the quotes.
    String fits = "\"".repeat((64 << 10) - 1);
    assertThat(reply(request, 200, fits).orElseThrow().payload()).hasSize(128 << 10);
    MqttMessage reply = reply(request, 200, fits + "\"").orElseThrow();
    assertThat(reply.topic()).isEqualTo("$iothub/methods/res/413/?$rid=1");
    assertThat(text(reply.payload()))
        .contains("the reply has 131074 bytes; the hub accepts 131072");
  }

  @Test
  void replacesAnOversizedReplyWithAnError() {
    MqttMessage request = message("$iothub/methods/POST/ping/?$rid=1", "{}");
    MqttMessage reply = reply(request, 200, "x".repeat((128 << 10) + 1)).orElseThrow();
    assertThat(reply.topic()).isEqualTo("$iothub/methods/res/413/?$rid=1");
    assertThat(text(reply.payload()))
        .isEqualTo(
            "{\"status\":413,\"error\":\"the reply has 131075 bytes; the hub accepts 131072\"}");
  }

  @Test
  void answersAMessageWithACommandPropertyWithTelemetry() {
    MqttMessage request =
        message(
            "devices/edge-1/messages/devicebound/%24.mid=m%201&%24.to=%2Fdevices%2Fedge-1%2Fmessages"
                + "%2FdeviceBound&command=ping",
            "{}");
    assertThat(command(request).name()).isEqualTo("ping");
    assertThat(reply(request, 403, "{}").orElseThrow().topic())
        .isEqualTo(
            "devices/edge-1/messages/events/$.ct=application%2Fjson&$.ce=utf-8&$.cid=m%201"
                + "&command=ping&status=403");
  }

  @Test
  void prefersTheCorrelationIdToTheMessageId() {
    MqttMessage request =
        message("devices/edge-1/messages/devicebound/%24.mid=1&%24.cid=c&command=ping", "{}");
    assertThat(reply(request, 200, "{}").orElseThrow().topic()).contains("$.cid=c&");
  }

  @Test
  void doesNotAnswerAMessageWithoutAnId() {
    MqttMessage request = message("devices/edge-1/messages/devicebound/command=ping", "{}");
    assertThat(command(request).name()).isEqualTo("ping");
    assertThat(reply(request, 200, "{}")).isEmpty();
  }

  @Test
  void readsDesiredPropertiesFromPatchesAndTwins() {
    String changed = "{\"period\":\"5s\",\"$version\":4}";
    Desired patch =
        (Desired)
            read(message("$iothub/twin/PATCH/properties/desired/?$version=4", changed))
                .orElseThrow();
    assertThat(text(patch.state())).isEqualTo(changed);
    Desired twin =
        (Desired)
            read(message(
                    "$iothub/twin/res/200/?$rid=desired",
                    "{\"desired\":" + changed + ",\"reported\":{\"$version\":1}}"))
                .orElseThrow();
    assertThat(text(twin.state())).isEqualTo(changed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$iothub/twin/res/204/?$rid=reported&$version=2 | ''",
        "$iothub/twin/res/400/?$rid=reported | {\"errorCode\":400004}",
        "$iothub/twin/res/429/?$rid=desired | ''",
        "$iothub/twin/res/200 | {}",
      })
  void ignoresResponsesWithoutDesiredProperties(String topic, String payload) {
    assertThat(read(message(topic, payload))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$iothub/twin/res/200/?$rid=desired | no JSON",
        "$iothub/twin/res/200/?$rid=desired | {\"desired\":[]}",
        "$iothub/twin/res/ok/?$rid=desired | {}",
        "$iothub/twin/PATCH/properties/desired/?$version=4 | 17",
        "$iothub/twin/PATCH/properties/desired/?$version=4 | ''",
        "$iothub/methods/POST/ping | {}",
        "$iothub/methods/POST/ | {}",
        "devices/edge-1/messages/devicebound/ | {}",
        "devices/edge-1/messages/devicebound/%zz | {}",
        "devices/edge-2/messages/devicebound/command=ping | {}",
        "'' | {}",
      })
  void anythingElseIsMalformed(String topic, String payload) {
    assertThatThrownBy(() -> read(message(topic, payload)))
        .isInstanceOf(MalformedMessageException.class)
        .message()
        .matches(
            "a malformed message on .*|a message on an unknown topic: .*"
                + "|a cloud-to-device message without the application property command");
  }

  private static MqttMessage reported(String json) {
    return AzureReported.message(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void convertsTheInventoryToValuesThatATwinAccepts() {
    MqttMessage patch =
        reported(
            "{\"labels\":{\"a.b $c\\u0001\":\"x\"},\"memory\":8325005312,\"big\":4503599627370496,"
                + "\"disks\":[{\"name\":\"sda\",\"size.b\":1}],\"none\":null,\"text\":\""
                + "x".repeat(5000)
                + "\"}");
    assertThat(patch.topic()).isEqualTo("$iothub/twin/PATCH/properties/reported/?$rid=reported");
    assertThat(text(patch.payload()))
        .isEqualTo(
            "{\"labels\":{\"a_b__c_\":\"x\"},\"memory\":8325005312,\"big\":\"4503599627370496\","
                + "\"disks\":[{\"name\":\"sda\",\"size_b\":1}],\"none\":null,\"text\":\""
                + "x".repeat(1024)
                + "\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "17", "{", "no JSON"})
  void rejectsAnInventoryThatIsNotAnObject(String body) {
    assertThatThrownBy(() -> reported(body))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the reported properties are not a JSON object");
  }

  @Test
  void rejectsAnInventoryThatNoTwinAccepts() {
    String disks = "{\"name\":\"" + "x".repeat(1000) + "\"},";
    assertThatThrownBy(() -> reported("{\"disks\":[" + disks.repeat(33) + "{}]}"))
        .hasMessageStartingWith("too large for a twin: ");
  }
}
