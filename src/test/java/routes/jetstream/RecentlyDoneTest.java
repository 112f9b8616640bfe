package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentlyDoneTest {
  private final RecentlyDone done = new RecentlyDone();

  private static DeliveryInfo message(long sequence, long timestamp) {
    return new DeliveryInfo(1, sequence, sequence, timestamp);
  }

  @Test
  void remembersTheLatestMessages() {
    for (int i = 1; i <= 100_000; i++) {
      done.add(message(i, 1_000 + i));
    }
    assertThat(done.contains(message(100_000, 101_000))).isTrue();
    assertThat(done.contains(message(90_000, 91_000))).isTrue();
    assertThat(done.contains(message(1, 1_001))).as("forgotten").isFalse();
    assertThat(done.contains(message(100_001, 101_001))).isFalse();
  }

  @Test
  void aReusedSequenceIsAnotherMessage() {
    done.add(message(7, 1_000));
    assertThat(done.contains(message(7, 1_000))).isTrue();
    assertThat(done.contains(message(7, 2_000))).isFalse();
    assertThat(done.contains(message(7, 500))).isFalse();
  }
}
