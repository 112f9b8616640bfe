package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DropsTest {
  private final Drops drops = new Drops();

  private void deliver(int from, int to, int consumer) {
    for (int i = from; i <= to; i++) {
      drops.delivered(i, consumer + i - from);
    }
  }

  /** The stream has no other subjects. */
  private void poll(long stream, long consumer, long first, long last) {
    drops.polled(new Drops.Poll(stream, consumer, last - stream, first, last, false));
  }

  private void mixed(long stream, long consumer, long pending, long first, long last) {
    drops.polled(new Drops.Poll(stream, consumer, pending, first, last, true));
  }

  @Test
  void ignoresWhatWasRemovedBeforeTheFirstDelivery() {
    drops.start(100, 0, 0);
    drops.delivered(100, 1);
    poll(100, 1, 100, 100);
    poll(100, 1, 100, 100);
    poll(100, 1, 100, 100);
    assertThat(drops.count()).isZero();
  }

  @Test
  void countsAGapBetweenDeliveriesOnceItIsBelowTheFirst() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(11, 2);
    poll(11, 2, 11, 11);
    assertThat(drops.count()).isZero();
    poll(11, 2, 11, 11);
    assertThat(drops.count()).isEqualTo(9);
    poll(11, 2, 11, 11);
    assertThat(drops.count()).isEqualTo(9);
  }

  @Test
  void ignoresAGapWhoseMessagesStillExist() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(11, 2);
    poll(11, 2, 1, 11);
    poll(11, 2, 1, 11);
    assertThat(drops.count()).isZero();
  }

  @Test
  void ignoresGapsOnceAnotherSubjectWasSeen() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(3, 2); // 2 belongs to a device that has just arrived
    mixed(3, 2, 0, 1, 3);
    poll(3, 2, 3, 3);
    poll(3, 2, 3, 3);
    assertThat(drops.count()).isZero();
  }

  @Test
  void redeliveriesAreNotGaps() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(1, 2);
    drops.delivered(1, 3);
    drops.delivered(2, 4);
    drops.delivered(7, 5);
    poll(7, 5, 7, 7);
    poll(7, 5, 7, 7);
    assertThat(drops.count()).isEqualTo(4);
  }

  @Test
  void countsOnceWhatIsRemovedDuringAnOutage() {
    drops.start(1, 0, 0);
    deliver(1, 10, 1);
    poll(10, 10, 21, 40);
    assertThat(drops.count()).isZero();
    poll(10, 10, 21, 40);
    assertThat(drops.count()).isEqualTo(10);
    poll(10, 10, 26, 45);
    poll(10, 10, 26, 45);
    assertThat(drops.count()).isEqualTo(15);
    drops.delivered(31, 11);
    poll(31, 11, 31, 45);
    poll(31, 11, 31, 45);
    assertThat(drops.count()).isEqualTo(20);
  }

  @Test
  void countsNothingWhileDeliveriesAreOnTheirWay() {
    drops.start(1, 0, 0);
    deliver(1, 10, 1);
    poll(30, 20, 21, 40);
    deliver(11, 12, 11);
    poll(30, 20, 21, 40);
    assertThat(drops.count()).isZero();
  }

  @Test
  void continuesWhereAnEarlierProcessStopped() {
    drops.start(50, 20, 25);
    poll(20, 25, 50, 60);
    poll(20, 25, 50, 60);
    assertThat(drops.count()).isEqualTo(29);
  }

  @Test
  void countsNothingWhenAKilledServerForgetsDeliveries() {
    drops.start(1, 0, 0);
    deliver(1, 10, 1);
    drops.resume(4, 4);
    deliver(5, 12, 5);
    drops.delivered(15, 13);
    poll(15, 13, 15, 15);
    poll(15, 13, 15, 15);
    assertThat(drops.count()).isEqualTo(2);
  }

  @Test
  void lostDeliveriesAreNotDrops() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.resume(5, 5);
    drops.delivered(6, 6);
    poll(6, 6, 6, 6);
    poll(6, 6, 6, 6);
    assertThat(drops.count()).isZero();
  }

  @Test
  void deliveriesToAnotherProcessAreNotDrops() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.delivered(5, 3); // 2 to 4: another process got at least one of them
    poll(5, 3, 5, 9);
    poll(9, 7, 5, 9);
    poll(9, 7, 9, 9);
    poll(9, 7, 10, 9);
    poll(9, 7, 10, 9);
    assertThat(drops.count()).isZero();
  }

  @Test
  void countsOwnMessagesThatAMixedStreamRemovedDuringAnOutage() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    mixed(1, 1, 10, 1, 20); // ten of the nineteen are its own
    mixed(1, 1, 10, 11, 30);
    assertThat(drops.count()).isZero();
    mixed(1, 1, 0, 31, 50);
    mixed(1, 1, 0, 31, 50);
    assertThat(drops.count()).isEqualTo(10);
    mixed(1, 1, 0, 41, 60);
    mixed(1, 1, 0, 41, 60);
    assertThat(drops.count()).as("removals of other devices").isEqualTo(10);
  }

  @Test
  void countsTheRestWhenDeliveriesResumeInAMixedStream() {
    drops.start(1, 0, 0);
    mixed(0, 0, 10, 1, 20);
    mixed(0, 0, 10, 11, 30); // 15 by now, four of the ten removed
    drops.delivered(12, 1);
    drops.delivered(12, 2); // again
    deliver(14, 18, 3);
    drops.delivered(22, 8);
    mixed(22, 8, 3, 11, 30);
    assertThat(drops.count()).isEqualTo(4);
  }

  @Test
  void takesTheNewestCheckpointBeforeAnythingIsRemoved() {
    drops.start(1, 0, 0);
    mixed(0, 0, 5, 1, 10);
    mixed(0, 0, 15, 1, 30);
    mixed(0, 0, 3, 41, 60);
    mixed(0, 0, 3, 41, 60);
    assertThat(drops.count()).isEqualTo(15);
  }

  @Test
  void deliveriesToAnotherProcessEndACheckpoint() {
    drops.start(1, 0, 0);
    mixed(0, 0, 10, 1, 20);
    drops.delivered(11, 1);
    mixed(18, 8, 3, 11, 30); // seven of them elsewhere
    mixed(30, 11, 0, 21, 40);
    mixed(30, 11, 0, 31, 50);
    mixed(30, 11, 0, 31, 50);
    assertThat(drops.count()).isZero();
  }

  @Test
  void deliveriesThatOvertakeTheAnswerAreNotDrops() {
    drops.start(1, 0, 0);
    deliver(1, 3, 1);
    mixed(1, 1, 10, 1, 20); // requested when one was delivered
    deliver(4, 11, 4);
    drops.delivered(25, 12);
    mixed(25, 12, 0, 12, 25);
    assertThat(drops.count()).isZero();
  }

  @Test
  void countsAReturnedMessageThatWasRemoved() {
    drops.start(1, 0, 0);
    deliver(1, 3, 1);
    drops.returned(1);
    drops.returned(2);
    drops.delivered(2, 4);
    poll(3, 4, 3, 3);
    assertThat(drops.count()).isZero();
    poll(3, 4, 3, 3);
    assertThat(drops.count()).isEqualTo(1);
  }

  @Test
  void aReturnedMessageThatMayBeDeliveredElsewhereIsNotADrop() {
    drops.start(1, 0, 0);
    drops.delivered(1, 1);
    drops.returned(1);
    poll(1, 2, 2, 2);
    poll(1, 2, 2, 2);
    poll(1, 2, 2, 2);
    assertThat(drops.count()).isZero();
  }
}
