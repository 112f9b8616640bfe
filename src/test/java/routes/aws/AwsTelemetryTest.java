package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import routes.link.MqttMessage;
import routes.link.TopicTemplate;
import routes.uplink.InvalidMessageException;
import routes.uplink.Telemetry;

class AwsTelemetryTest {
  private static final byte[] BINARY = {(byte) 0xFF, 0, 'x'};

  private static AwsTelemetry of(String topic, String rule) {
    return new AwsTelemetry(
        new TopicTemplate(topic), Optional.ofNullable(rule), "edge-1", "thing-1", 86_400);
  }

  private static MqttMessage sent(String device, String kind, String type, byte[] payload) {
    return of("devices/{device}/{kind}", null)
        .message(new Telemetry(device, kind, "01J", type, payload));
  }

  @Test
  void aSampleGoesToTheThingsTopicWithItsProperties() {
    byte[] payload = "{\"ä\":1}".getBytes(StandardCharsets.UTF_8);
    MqttMessage message = sent("edge-1", "metrics", "application/json", payload);
    assertThat(message.topic()).isEqualTo("devices/thing-1/metrics");
    assertThat(message.payload()).isSameAs(payload);
    assertThat(message.qos()).isEqualTo(1);
    assertThat(message.retain()).isFalse();
    MqttMessage.Properties properties = message.properties();
    assertThat(properties.contentType()).isEqualTo("application/json");
    assertThat(properties.utf8()).isTrue();
    assertThat(properties.expiry()).isEqualTo(86_400);
    assertThat(properties.user())
        .containsExactly(Map.entry("id", "01J"), Map.entry("device", "edge-1"));
    assertThat(of("devices/{device}/{kind}", null).samples()).isEqualTo("devices/thing-1/metrics");
  }

  @Test
  void otherKindsHaveTheirOwnTopicAndUnchangedBytes() {
    MqttMessage message = sent("edge-1", "press1", "application/octet-stream", BINARY);
    assertThat(message.topic()).isEqualTo("devices/thing-1/press1");
    assertThat(message.payload()).isSameAs(BINARY);
    assertThat(message.properties().contentType()).isEqualTo("application/octet-stream");
    assertThat(message.properties().utf8()).isFalse();
  }

  @Test
  void doesNotMarkBytesThatAreNotUtf8AsText() {
    assertThat(sent("edge-1", "press1", "text/plain", BINARY).properties().utf8()).isFalse();
  }

  @Test
  void keepsTheDeviceOfAnotherDevicesMessage() {
    MqttMessage message = sent("press-7", "line.2", "text/csv", new byte[0]);
    assertThat(message.topic()).isEqualTo("devices/press-7/line.2");
    assertThat(message.properties().user()).contains(Map.entry("device", "press-7"));
  }

  @Test
  void addsNoIdToAMessageWithoutOne() {
    MqttMessage message =
        of("t", null).message(new Telemetry("edge-1", "metrics", null, "text/plain", BINARY));
    assertThat(message.properties().user()).containsExactly(Map.entry("device", "edge-1"));
  }

  @Test
  void basicIngestAcceptsEveryKind() {
    assertThat(of("a/{kind}", "rule").message(telemetry("press1")).topic())
        .isEqualTo("$aws/rules/rule/a/press1");
  }

  @Test
  void failsATopicThatIsTooLongWithoutSendingIt() {
    AwsTelemetry telemetry = of("x".repeat(200) + "/{kind}", null);
    assertThat(telemetry.message(telemetry("k".repeat(55))).topic()).hasSize(256);
    assertThatThrownBy(() -> telemetry.message(telemetry("k".repeat(56))))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageEndingWith("has more than 7 slashes or 256 bytes");
  }

  private static Telemetry telemetry(String kind) {
    return new Telemetry("edge-1", kind, null, "application/json", new byte[0]);
  }
}
