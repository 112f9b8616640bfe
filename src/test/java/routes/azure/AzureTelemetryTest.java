package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import routes.link.MqttMessage;
import routes.uplink.InvalidMessageException;
import routes.uplink.Telemetry;

class AzureTelemetryTest {
  private static final byte[] BINARY = {(byte) 0xFF, 0, 'x'};
  private static final String JSON = "application/json";
  private static final String EVENTS = "devices/edge-1/messages/events/";

  /** This device is edge-1 at the hub and host-1 on the bus. */
  private static MqttMessage sent(Map<String, String> labels, Telemetry telemetry) {
    ConnectionString hub = ConnectionStringTest.parse("HostName=h.net;DeviceId=edge-1;x509=true");
    return new AzureTelemetry(new AzureTopics(hub, "host-1", labels)).message(telemetry);
  }

  @Test
  void marksACompressedPayloadWithItsEncoding() {
    Telemetry gzip = new Telemetry("host-1", "press1", null, JSON, "gzip", BINARY);
    assertThat(sent(Map.of(), gzip).topic())
        .isEqualTo(EVENTS + "$.ct=application%2Fjson&$.ce=gzip&kind=press1");
  }

  @Test
  void percentEncodesThePropertiesInTheTopic() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("site", "Bad Homburg");
    labels.put("a&b/c", "1+1=2 #ä");
    byte[] payload = "{}".getBytes(StandardCharsets.UTF_8);
    MqttMessage message = sent(labels, new Telemetry("host-1", "metrics", "01J", JSON, payload));
    assertThat(message.topic())
        .isEqualTo(
            EVENTS
                + "$.ct=application%2Fjson&$.ce=utf-8&$.mid=01J&kind=metrics"
                + "&site=Bad%20Homburg&a%26b%2Fc=1%2B1%3D2%20%23%C3%A4");
    assertThat(message.payload()).isSameAs(payload);
    assertThat(message.qos()).isEqualTo(1);
    assertThat(message.retain()).isFalse();
    assertThat(sent(Map.of(), new Telemetry("host-1", "metrics", null, JSON, payload)).topic())
        .isEqualTo(EVENTS + "$.ct=application%2Fjson&$.ce=utf-8&kind=metrics");
  }

  @Test
  void marksOnlyTextWithAnEncoding() {
    Telemetry binary = new Telemetry("host-1", "press1", null, "application/cbor", BINARY);
    assertThat(sent(Map.of(), binary).topic())
        .isEqualTo(EVENTS + "$.ct=application%2Fcbor&kind=press1");
    assertThat(sent(Map.of(), binary).payload()).isSameAs(BINARY);
    Telemetry broken = new Telemetry("host-1", "press1", null, JSON, BINARY);
    assertThat(sent(Map.of(), broken).topic()).doesNotContain("$.ce");
    Telemetry text = new Telemetry("host-1", "log", null, "text/plain; charset=utf-8", new byte[0]);
    assertThat(sent(Map.of(), text).topic())
        .isEqualTo(EVENTS + "$.ct=text%2Fplain%3B%20charset%3Dutf-8&$.ce=utf-8&kind=log");
  }

  @Test
  void anotherDevicesMessageHasItsDeviceAndNoLabels() {
    Telemetry other = new Telemetry("press-7", "press1", "7", JSON, new byte[0]);
    assertThat(sent(Map.of("site", "berlin"), other).topic())
        .isEqualTo(
            EVENTS + "$.ct=application%2Fjson&$.ce=utf-8&$.mid=7&kind=press1&device=press-7");
  }

  @Test
  void failsAnInvalidIdWithoutSendingIt() {
    Telemetry longest = new Telemetry("host-1", "metrics", "x".repeat(128), JSON, new byte[0]);
    assertThat(sent(Map.of(), longest).topic()).contains("$.mid=xxx");
    Telemetry longer = new Telemetry("host-1", "metrics", "x".repeat(129), JSON, new byte[0]);
    assertThatThrownBy(() -> sent(Map.of(), longer))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessage("Nats-Msg-Id has 129 characters; IoT Hub accepts 128");
  }

  @Test
  void failsAnOversizedMessageWithoutSendingIt() {
    String type = "x".repeat(1024);
    int room = 262_144 - (EVENTS + "$.ct=" + type + "&kind=press1").length();
    byte[] fits = new byte[room];
    assertThat(sent(Map.of(), new Telemetry("host-1", "press1", null, type, fits)).payload())
        .isSameAs(fits);
    assertThatThrownBy(
            () -> sent(Map.of(), new Telemetry("host-1", "press1", null, type, new byte[room + 1])))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessage("payload and properties have 262145 bytes; IoT Hub accepts 262144");
  }
}
