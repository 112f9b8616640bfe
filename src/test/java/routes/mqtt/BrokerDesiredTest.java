package routes.mqtt;

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
import routes.settings.SettingException;
import routes.uplink.Desired;
import routes.uplink.Inbound;
import routes.uplink.TestSettings;

class BrokerDesiredTest {
  private static final String USUAL = "desired/{{device.id}}";

  private static BrokerGateway gateway(String topic, String... more) {
    return new BrokerGateway(
        TestSettings.of("mqtt", Map.of("mqtt.url", "tcp://broker", "mqtt.desired", topic), more));
  }

  private static MqttMessage message(String topic, String payload) {
    return new MqttMessage(topic, payload.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void receivesNothingWithoutATopic() {
    BrokerGateway gateway = gateway("");
    assertThat(gateway.filters()).isEmpty();
    assertThat(gateway.inbound(message("desired/edge-1", "{}"))).isEmpty();
  }

  @Test
  void readsAJsonObject() {
    BrokerGateway gateway = gateway(USUAL);
    assertThat(gateway.filters()).isEqualTo("desired/edge-1");
    Optional<Inbound> inbound = gateway.inbound(message("desired/edge-1", "{\"fan\":1}"));
    assertThat(((Desired) inbound.orElseThrow()).state()).asString().isEqualTo("{\"fan\":1}");
    assertThat(gateway.inbound(message("desired/edge-2", "{}"))).isEmpty();
  }

  @Test
  void receivesCommandsToo() {
    BrokerGateway gateway = gateway(USUAL, "mqtt.commands", "cmd/{{device.id}}/+");
    assertThat(gateway.filters()).isEqualTo("cmd/edge-1/+ desired/edge-1");
    assertThat(gateway.inbound(message("cmd/edge-1/ping", "{}"))).isPresent();
    assertThat(gateway.inbound(message("desired/edge-1", "{}"))).get().isInstanceOf(Desired.class);
  }

  /** A shared subscription receives no retained message (MQTT 5, 4.8.2). */
  @Test
  void eachReplicaReceivesIt() {
    BrokerGateway gateway =
        gateway(USUAL, "mqtt.commands", "cmd/{{device.id}}/+", "replica.id", "a");
    assertThat(gateway.filters()).isEqualTo("$share/edge-1/cmd/edge-1/+ desired/edge-1");
  }

  @Test
  void ignoresTheMessageThatRemovesARetainedOne() {
    assertThat(gateway(USUAL).inbound(message("desired/edge-1", ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "{\"a\":", "fan"})
  void reportsAnythingButAnObjectAsMalformed(String payload) {
    assertThatThrownBy(() -> gateway(USUAL).inbound(message("desired/edge-1", payload)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("a desired state on desired/edge-1: not a JSON object");
  }

  @Test
  void reportsALargeStateAsMalformed() {
    String large = "{\"a\":\"" + "x".repeat(64 << 10) + "\"}";
    assertThatThrownBy(() -> gateway(USUAL).inbound(message("desired/edge-1", large)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("larger than 64 KB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "desired/# | is not a topic",
        "desired/+ | is not a topic",
        "desired/{device} | is not a topic",
        "desired/it's | is not a topic",
        "desired/edge 1 | is not a topic",
        "$SYS/desired | is not a topic",
        "cmd/edge-1/desired | matches mqtt.commands",
        "devices/edge-1/metrics | is a topic to which this gateway publishes",
        "devices/edge-1/inventory | is a topic to which this gateway publishes"
      })
  void reportsAMistakeInOneLine(String topic, String problem) {
    assertThatThrownBy(() -> gateway(topic, "mqtt.commands", "cmd/{{device.id}}/+"))
        .isInstanceOf(SettingException.class)
        .hasMessage("mqtt.desired: \"" + topic + "\" " + problem + "; use desired/{{device.id}}");
  }
}
