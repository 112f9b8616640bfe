package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sample.Device;
import routes.settings.SettingException;
import routes.uplink.Telemetry;

class PubsubTelemetryTest {
  private static final Device DEVICE = new Device("edge-1", Map.of("site", "berlin"));

  private static Map<String, String> attributes(String device, String kind, String id) {
    return new PubsubTelemetry(DEVICE)
        .attributes(new Telemetry(device, kind, id, "application/json", new byte[0]));
  }

  @Test
  void carriesIdDeviceKindContentTypeAndLabels() {
    assertThat(attributes("edge-1", "metrics", "01J"))
        .isEqualTo(
            Map.of(
                "id", "01J",
                "deviceId", "edge-1",
                "kind", "metrics",
                "contentType", "application/json",
                "site", "berlin"));
  }

  @Test
  void addsNoIdToAMessageWithoutOne() {
    assertThat(attributes("edge-1", "press1", null))
        .isEqualTo(
            Map.of(
                "deviceId", "edge-1",
                "kind", "press1",
                "contentType", "application/json",
                "site", "berlin"));
  }

  @Test
  void anotherDevicesMessageHasNoneOfThisDevicesLabels() {
    assertThat(attributes("press-7", "press1", "7"))
        .isEqualTo(
            Map.of(
                "id", "7",
                "deviceId", "press-7",
                "kind", "press1",
                "contentType", "application/json"));
  }

  @Test
  void keepsTheContentType() {
    Telemetry binary = new Telemetry("edge-1", "press1", null, "application/cbor", new byte[1]);
    assertThat(new PubsubTelemetry(DEVICE).attributes(binary))
        .containsEntry("contentType", "application/cbor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"id", "deviceId", "kind", "contentType", "contentEncoding", "google", "goog"})
  void namesALabelThatCannotBeAnAttribute(String label) {
    wrong(Map.of(label, "x"), "device.labels: \"" + label + "\" cannot be a label at Pub/Sub");
  }

  @Test
  void labelsRespectTheLimitsOfPubsub() {
    wrong(Map.of("x".repeat(257), "x"), "device.labels: \"xxx");
    wrong(Map.of("site", "ä".repeat(513)), "device.labels: \"site\" is longer than the 1024 bytes");
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < 95; i++) {
      labels.put("l" + i, "ä".repeat(512));
    }
    assertThat(
            new PubsubTelemetry(new Device("edge-1", labels))
                .attributes(
                    new Telemetry("edge-1", "metrics", "01J", "text/plain", "gzip", new byte[0])))
        .hasSize(100);
    labels.put("more", "x");
    wrong(labels, "device.labels: Pub/Sub accepts at most 95, not 96");
  }

  private static void wrong(Map<String, String> labels, String message) {
    assertThatThrownBy(() -> new PubsubTelemetry(new Device("edge-1", labels)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message);
  }
}
