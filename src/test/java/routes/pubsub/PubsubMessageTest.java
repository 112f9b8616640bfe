package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sample.Device;
import routes.settings.SettingException;

class PubsubMessageTest {
  private static final Device DEVICE = new Device("edge-1", Map.of("site", "berlin"));

  @Test
  void carriesIdDeviceContentTypeAndLabels() {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader("Nats-Msg-Id", "01J");
    new PubsubMessage(DEVICE).set(exchange);
    assertThat(exchange.getMessage().getHeader("CamelGooglePubsubAttributes"))
        .isEqualTo(
            Map.of(
                "id", "01J",
                "deviceId", "edge-1",
                "contentType", "application/json",
                "site", "berlin"));
  }

  @Test
  void carriesNoIdThatTheMessageLacks() {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    new PubsubMessage(DEVICE).set(exchange);
    assertThat(exchange.getMessage().getHeader("CamelGooglePubsubAttributes"))
        .isEqualTo(
            Map.of("deviceId", "edge-1", "contentType", "application/json", "site", "berlin"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "deviceId", "contentType", "google", "goog"})
  void aLabelThatCantBeAnAttributeIsNamed(String label) {
    wrong(Map.of(label, "x"), "device.labels: \"" + label + "\" can't be a label at Pub/Sub");
  }

  @Test
  void labelsKeepToPubsubsLimits() {
    wrong(Map.of("x".repeat(257), "x"), "device.labels: \"xxx");
    wrong(Map.of("site", "ä".repeat(513)), "device.labels: \"site\" is longer than the 1024 bytes");
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < 97; i++) {
      labels.put("l" + i, "ä".repeat(512));
    }
    assertThat(PubsubMessage.attributes(new Device("edge-1", labels))).hasSize(99);
    labels.put("more", "x");
    wrong(labels, "device.labels: Pub/Sub takes 97 at most, not 98");
  }

  private static void wrong(Map<String, String> labels, String message) {
    assertThatThrownBy(() -> PubsubMessage.attributes(new Device("edge-1", labels)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message);
  }
}
