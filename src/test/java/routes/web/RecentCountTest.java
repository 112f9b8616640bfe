package routes.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentCountTest {
  private long nanos = 77;
  private final RecentCount count = new RecentCount(() -> nanos);

  @Test
  void extrapolatesAtFirst() {
    add(5);
    pass(10);
    assertThat(count.perMinute()).isEqualTo(30);
  }

  @Test
  void countsTheLastMinute() {
    for (int i = 0; i < 30; i++) {
      add(1);
      pass(10);
    }
    assertThat(count.perMinute()).isBetween(5.0, 6.0);
    assertThat(count.total()).isEqualTo(30);
  }

  @Test
  void forgetsWhatIsOlder() {
    add(1000);
    pass(71);
    assertThat(count.perMinute()).isZero();
    pass(100_000);
    add(1);
    assertThat(count.perMinute()).isBetween(0.8, 1.0);
    assertThat(count.total()).isEqualTo(1001);
  }

  private void add(int times) {
    for (int i = 0; i < times; i++) {
      count.add();
    }
  }

  private void pass(int seconds) {
    nanos += Duration.ofSeconds(seconds).toNanos();
  }
}
