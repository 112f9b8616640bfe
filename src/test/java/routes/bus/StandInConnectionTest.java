package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import org.junit.jupiter.api.Test;

class StandInConnectionTest {
  private final Connection connection = StandInConnection.open();

  @Test
  void itsBucketsAreEmptyAndAcceptValues() throws Exception {
    assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);
    assertThat(connection.keyValue("edge-state").get("alert")).isNull();
    assertThat(connection.keyValue("edge-state").put("alert", new byte[0])).isEqualTo(1);
  }

  @Test
  void anyOtherCallNeedsNats() {
    assertThatThrownBy(() -> connection.publish("a", new byte[0]))
        .hasMessage("publish needs NATS, and a route test has none");
  }
}
