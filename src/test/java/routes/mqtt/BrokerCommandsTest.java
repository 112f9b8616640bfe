package routes.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.link.MqttMessage;
import routes.settings.SettingException;
import routes.uplink.Command;
import routes.uplink.Reply;
import routes.uplink.TestSettings;

class BrokerCommandsTest {
  private static final String USUAL = "cmd/{{device.id}}/+";

  private static BrokerGateway gateway(String filter, String... more) {
    return new BrokerGateway(
        TestSettings.of("mqtt", Map.of("mqtt.url", "tcp://broker", "mqtt.commands", filter), more));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MqttMessage request(String topic, String responseTopic) {
    return new MqttMessage(topic, bytes("{}"))
        .with(new MqttMessage.Properties(null, false, null, responseTopic, bytes("c"), List.of()));
  }

  private static MqttMessage reply(MqttMessage request, Reply reply) {
    BrokerGateway gateway = gateway(USUAL);
    Command command = (Command) gateway.inbound(request).orElseThrow();
    return gateway.reply(request, command, reply).orElseThrow();
  }

  @Test
  void receivesNothingWithoutAFilter() {
    BrokerGateway gateway = gateway("");
    assertThat(gateway.filters()).isEmpty();
    assertThat(gateway.inbound(request("cmd/edge-1/ping", null))).isEmpty();
    Map<String, String> off = Map.of("mqtt.url", "tcp://broker");
    assertThat(BrokerSettings.connection(TestSettings.of("mqtt", off)).cleanSession()).isTrue();
    Map<String, String> on = Map.of("mqtt.url", "tcp://broker", "mqtt.commands", USUAL);
    assertThat(BrokerSettings.connection(TestSettings.of("mqtt", on)).cleanSession()).isFalse();
  }

  @Test
  void takesTheNameFromTheLastLevel() {
    BrokerGateway gateway = gateway("plant/{{device.id}}/do/+");
    assertThat(gateway.filters()).isEqualTo("plant/edge-1/do/+");
    MqttMessage request = request("plant/edge-1/do/ping", null);
    Command command = (Command) gateway.inbound(request).orElseThrow();
    assertThat(command.name()).isEqualTo("ping");
    assertThat(command.payload()).asString().isEqualTo("{}");
    assertThat(command.live()).isFalse();
    assertThat(gateway.inbound(request("plant/edge-2/do/ping", null))).isEmpty();
    assertThat(gateway.inbound(request("plant/edge-1/do/ping/reply", null))).isEmpty();
  }

  @Test
  void replyHasStatusAndCorrelationData() {
    MqttMessage reply = reply(request("cmd/edge-1/ping", null), new Reply(403, bytes("{}")));
    assertThat(reply.topic()).isEqualTo("cmd/edge-1/ping/reply");
    assertThat(reply.retain()).isFalse();
    assertThat(reply.properties().correlationData()).isEqualTo(bytes("c"));
    assertThat(reply.properties().user()).containsExactly(Map.entry("status", "403"));
  }

  @ParameterizedTest
  @CsvSource({
    "cmd/edge-1/ping/reply/42, cmd/edge-1/ping/reply/42",
    "cmd/edge-1/ops/7,         cmd/edge-1/ops/7",
    "devices/edge-1/metrics,   cmd/edge-1/ping/reply",
    "cmd/edge-2/reboot,        cmd/edge-1/ping/reply",
    "cmd/edge-1/reboot,        cmd/edge-1/ping/reply",
    "cmd/edge-1/x/#,           cmd/edge-1/ping/reply"
  })
  void repliesOnlyBelowTheDevicesOwnCommands(String wanted, String topic) {
    assertThat(reply(request("cmd/edge-1/ping", wanted), new Reply(200, bytes("{}"))).topic())
        .isEqualTo(topic);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cmd/edge-1/# | \"cmd/edge-1/#\" is not a filter of commands; use cmd/{{device.id}}/+",
        "$cmd/+ | \"$cmd/+\" is not a filter of commands",
        "cmd/edge-1 | \"cmd/edge-1\" is not a filter of commands",
        "+ | \"+\" is not a filter of commands",
        "cmd/+/+ | \"cmd/+/+\" is not a filter of commands",
        "cmd/{device}/+ | \"cmd/{device}/+\" is not a filter of commands",
        "devices/edge-1/+ | \"devices/edge-1/+\" matches telemetry on devices/edge-1/metrics; use"
            + " cmd/{{device.id}}/+"
      })
  void reportsAMistakeInOneLine(String filter, String problem) {
    assertThatThrownBy(() -> gateway(filter))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("mqtt.commands: " + problem)
        .hasMessageNotContaining("\n");
  }
}
