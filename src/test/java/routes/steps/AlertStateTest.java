package routes.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlertStateTest {
  private static final Instant TEN = Instant.parse("2026-11-23T10:00:00Z");

  private final AlertEndpoint alert = new AlertEndpoint("alert", null);

  @Test
  void firesOnceEveryNumberHasExceededTheThresholdForLongEnough() {
    alert.setAbove("90.0");
    alert.setFor("5m");
    AlertState pending = AlertState.NONE.next(alert, 91, TEN);
    assertThat(pending.phase()).isEqualTo(AlertState.Phase.PENDING);
    assertThat(pending.next(alert, 99, TEN.plusSeconds(299)).phase())
        .isEqualTo(AlertState.Phase.PENDING);
    assertThat(pending.next(alert, 90, TEN.plusSeconds(300))).isEqualTo(AlertState.NONE);
    AlertState fired = pending.next(alert, 91, TEN.plusSeconds(300));
    assertThat(fired.phase()).isEqualTo(AlertState.Phase.FIRED);
    assertThat(fired.since()).isEqualTo(TEN);
    assertThat(pending.isReported(fired)).isTrue();
    assertThat(fired.isReported(fired.next(alert, 95, TEN.plusSeconds(400)))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"90,,89,90", "90,70,89,", "90,70,70.1,", "90,70,70,70"})
  void clearsWithHysteresis(String above, String clear, double number, Double clears) {
    alert.setAbove(above);
    if (clear != null) {
      alert.setClear(clear);
    }
    AlertState fired = AlertState.NONE.next(alert, 95, TEN);
    boolean cleared = fired.next(alert, number, TEN).equals(AlertState.NONE);
    assertThat(cleared).isEqualTo(clears != null);
  }

  @Test
  void belowFiresUnderTheThreshold() {
    alert.setBelow("2.0");
    alert.setClear("3.0");
    AlertState fired = AlertState.NONE.next(alert, 1.9, TEN);
    assertThat(fired.phase()).isEqualTo(AlertState.Phase.FIRED);
    assertThat(fired.next(alert, 2.9, TEN)).isEqualTo(fired);
    assertThat(fired.next(alert, 3, TEN)).isEqualTo(AlertState.NONE);
    assertThat(AlertState.NONE.next(alert, 2, TEN)).isEqualTo(AlertState.NONE);
  }

  @Test
  void restoresTheStateFromItsText() {
    for (AlertState.Phase phase : AlertState.Phase.values()) {
      AlertState state =
          phase == AlertState.Phase.OK ? AlertState.NONE : new AlertState(phase, TEN);
      assertThat(AlertState.parse(state.text())).isEqualTo(state);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "FIRED", "FIRED yesterday", "GONE 2026-11-23T10:00:00Z"})
  void anUnreadableTextMeansNoAlert(String text) {
    assertThat(AlertState.parse(text)).isEqualTo(AlertState.NONE);
  }
}
