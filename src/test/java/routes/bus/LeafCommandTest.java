package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeafCommandTest {
  @Test
  void theLagIsUnknownWithoutACurrentContact() {
    assertThat(LeafCommand.lag(7, Duration.ofSeconds(2))).isEqualTo("7");
    assertThat(LeafCommand.lag(0, Duration.ofSeconds(15))).isEqualTo("?");
    assertThat(LeafCommand.lag(0, Duration.ofNanos(-1))).isEqualTo("?");
    assertThat(LeafCommand.lag(0, null)).isEqualTo("?");
  }
}
