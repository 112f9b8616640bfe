package routes.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.link.MqttMessage;
import routes.uplink.Telemetry;

class GoogleTelemetryTest {
  private static final byte[] BINARY = {(byte) 0xFF, 0, 'x'};

  @ParameterizedTest
  @CsvSource({
    "edge-1,  metrics, /devices/edge-1/events",
    "edge-1,  press1,  /devices/edge-1/events/press1",
    "edge-1,  line.2,  /devices/edge-1/events/line.2",
    "press-7, metrics, /devices/press-7/events",
    "press-7, press1,  /devices/press-7/events/press1"
  })
  void sendsSamplesToTheDefaultTopicAndOtherKindsToASubfolder(
      String device, String kind, String topic) {
    MqttMessage message =
        GoogleTelemetry.message(
            new Telemetry(device, kind, "01J", "application/octet-stream", BINARY));
    assertThat(message.topic()).isEqualTo(topic);
    assertThat(message.payload()).isSameAs(BINARY);
    assertThat(message.qos()).isEqualTo(1);
    assertThat(message.retain()).isFalse();
    assertThat(message.properties()).isEqualTo(MqttMessage.Properties.NONE);
  }

  @Test
  void reportsTheInventoryAsStateUpToItsLimit() {
    GoogleReported reported = new GoogleReported(new GoogleTopics("edge-1"));
    byte[] largest = new byte[64 * 1024];
    assertThat(reported.message(largest).topic()).isEqualTo("/devices/edge-1/state");
    assertThat(reported.message(largest).payload()).isSameAs(largest);
    assertThatThrownBy(() -> reported.message(new byte[64 * 1024 + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the state has 65537 bytes; the registry accepts 65536");
  }

  @Test
  void subscribesToCommandsAndConfig() {
    assertThat(new GoogleTopics("edge-1").filters())
        .isEqualTo("/devices/edge-1/commands/# /devices/edge-1/config");
  }
}
