package routes.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import routes.link.MqttMessage;
import routes.uplink.Telemetry;
import routes.uplink.TestSettings;

class BrokerTelemetryTest {
  private static final byte[] BINARY = {(byte) 0xFF, 0, 'x'};

  private static BrokerGateway gateway(String... changes) {
    return new BrokerGateway(TestSettings.of("mqtt", Map.of("mqtt.url", "tcp://broker"), changes));
  }

  @Test
  void aSampleGoesToTheTopicOfTheDeviceWithItsProperties() {
    byte[] payload = "{}".getBytes(StandardCharsets.UTF_8);
    MqttMessage message =
        gateway().message(new Telemetry("edge-1", "metrics", "01J", "application/json", payload));
    assertThat(message.topic()).isEqualTo("devices/edge-1/metrics");
    assertThat(message.payload()).isSameAs(payload);
    assertThat(message.qos()).isEqualTo(1);
    assertThat(message.retain()).isFalse();
    assertThat(message.properties().contentType()).isEqualTo("application/json");
    assertThat(message.properties().utf8()).isTrue();
    assertThat(message.properties().expiry()).isNull();
    assertThat(message.properties().user())
        .containsExactly(Map.entry("id", "01J"), Map.entry("device", "edge-1"));
  }

  @Test
  void keepsKindDeviceAndBytesOfOtherMessages() {
    MqttMessage message =
        gateway().message(new Telemetry("press-7", "press1", null, "application/cbor", BINARY));
    assertThat(message.topic()).isEqualTo("devices/press-7/press1");
    assertThat(message.payload()).isSameAs(BINARY);
    assertThat(message.properties().contentType()).isEqualTo("application/cbor");
    assertThat(message.properties().utf8()).isFalse();
    assertThat(message.properties().user()).containsExactly(Map.entry("device", "press-7"));
  }

  @Test
  void usesAConfiguredTopic() {
    BrokerGateway gateway = gateway("mqtt.topic", "plant/{kind}/{device}/{{device.id}}");
    assertThat(gateway.topic()).isEqualTo("plant/metrics/edge-1/edge-1");
    assertThat(gateway.message(new Telemetry("press-7", "a.b", null, "text/plain", BINARY)).topic())
        .isEqualTo("plant/a.b/press-7/edge-1");
  }

  @Test
  void inventoryIsRetainedAndHasItsOwnKind() {
    MqttMessage inventory = gateway().reported(BINARY);
    assertThat(inventory.topic()).isEqualTo("devices/edge-1/inventory");
    assertThat(inventory.payload()).isSameAs(BINARY);
    assertThat(inventory.retain()).isTrue();
    assertThat(inventory.properties().contentType()).isEqualTo("application/json");
    assertThat(inventory.properties().user()).containsExactly(Map.entry("device", "edge-1"));
  }
}
