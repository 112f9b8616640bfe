package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DropsTest {
  private final Drops drops = new Drops();

  @Test
  void whatWasGoneBeforeTheFirstDeliveryIsNoDrop() {
    drops.start(100, 0, 0);
    drops.delivered(100, 1);
    assertThat(drops.count()).isZero();
  }

  @Test
  void aGapBetweenDeliveriesIsDropped() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(11, 2);
    assertThat(drops.count()).isEqualTo(9);
  }

  @Test
  void redeliveriesAreNoGap() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(1, 2);
    drops.delivered(1, 3);
    drops.delivered(2, 4);
    drops.delivered(7, 5);
    assertThat(drops.count()).isEqualTo(4);
  }

  @Test
  void deliveriesThatGotLostOnTheWayAreNoDrops() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.advance(5, 5); // as the server says after a reconnect
    drops.delivered(6, 6);
    assertThat(drops.count()).isZero();
  }

  @Test
  void whatGoesWhileNothingComesIsCountedOnce() {
    drops.start(1, 0, 0);
    drops.delivered(10, 10);
    drops.idle(21, 10, 10);
    assertThat(drops.count()).isEqualTo(10);
    drops.idle(21, 10, 10);
    drops.idle(26, 10, 10);
    assertThat(drops.count()).isEqualTo(15);
    drops.delivered(31, 11);
    assertThat(drops.count()).isEqualTo(20);
  }

  @Test
  void aQuestionThatDeliveriesHaveOvertakenCountsNothing() {
    drops.start(1, 0, 0);
    drops.delivered(10, 10);
    drops.idle(21, 30, 20);
    assertThat(drops.count()).isZero();
  }

  @Test
  void aConsumerFromAnEarlierProcessGoesOnWhereItWas() {
    drops.start(50, 20, 25);
    drops.idle(50, 20, 25);
    drops.delivered(50, 26);
    assertThat(drops.count()).isEqualTo(29);
  }

  @Test
  void aServerThatFallsBackAfterAKillLosesNothing() {
    drops.start(1, 0, 0);
    for (int i = 1; i <= 10; i++) {
      drops.delivered(i, i);
    }
    drops.advance(4, 4);
    for (int i = 5; i <= 12; i++) {
      drops.delivered(i, i);
    }
    assertThat(drops.count()).isZero();
    drops.delivered(15, 13);
    assertThat(drops.count()).isEqualTo(2);
  }
}
