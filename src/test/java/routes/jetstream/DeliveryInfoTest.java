package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryInfoTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "$JS.ACK.TELEMETRY.gateway-mqtt_edge-1.2.31.17.1764440000123456789.5",
        "$JS.ACK._.ACCOUNT.TELEMETRY.gateway-mqtt_edge-1.2.31.17.1764440000123456789.5",
        "$JS.ACK.hub.ACCOUNT.TELEMETRY.gateway-mqtt_edge-1.2.31.17.1764440000123456789.5.RANDOM",
      })
  void readsNumbersWithAndWithoutADomain(String reply) {
    assertThat(DeliveryInfo.of(reply))
        .isEqualTo(new DeliveryInfo(2, 31, 17, 1_764_440_000_123_456_789L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "_INBOX.a.b",
        "$JS.ACK.",
        "$JS.ACK.S.c.1.2.3.4",
        "$JS.ACK.S.c.1.2.x.4.5",
        "$JS.ACK.S.c.1..3.4.5",
        "$JS.API.S.c.1.2.3.4.5",
      })
  void rejectsAnyOtherSubject(String reply) {
    assertThatThrownBy(() -> DeliveryInfo.of(reply)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDomainMayLookLikeANumber() {
    assertThat(DeliveryInfo.of("$JS.ACK.1.2.S.c.3.4.5.6.7").streamSequence()).isEqualTo(4);
  }
}
