package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration MIN = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofMinutes(2);

  @Test
  void ceilingsDoubleUpToTheMaximum() {
    for (int round = 0; round < 500; round++) {
      Backoff backoff = new Backoff(MIN, MAX);
      for (int ceiling : new int[] {2, 4, 8, 16, 32, 64, 120, 120}) {
        assertThat(backoff.next()).isBetween(MIN, Duration.ofSeconds(ceiling));
      }
    }
  }

  @Test
  void pausesAreSpreadOverTheWholeRange() {
    Set<Long> quarters = new HashSet<>();
    for (int round = 0; round < 500; round++) {
      Backoff backoff = new Backoff(MIN, MAX);
      for (int i = 0; i < 7; i++) {
        backoff.next();
      }
      quarters.add(backoff.next().toSeconds() / 30);
    }
    assertThat(quarters).contains(0L, 1L, 2L, 3L);
  }

  @Test
  void aRefusalWaitsNearTheMaximumAtOnce() {
    for (int round = 0; round < 500; round++) {
      assertThat(new Backoff(MIN, MAX).afterRefusal()).isBetween(MAX.dividedBy(2), MAX);
    }
  }

  @Test
  void aShortLivedConnectionDoesNotResetIt() {
    Set<Boolean> longer = new HashSet<>();
    for (int round = 0; round < 500; round++) {
      Backoff backoff = new Backoff(MIN, MAX);
      for (int i = 0; i < 8; i++) {
        backoff.connectionEnded(Duration.ofMillis(200));
        backoff.next();
      }
      backoff.connectionEnded(Duration.ofMillis(200));
      longer.add(backoff.next().compareTo(Duration.ofSeconds(30)) > 0);
    }
    assertThat(longer).contains(true);
  }

  @Test
  void aStableConnectionResetsIt() {
    for (int round = 0; round < 500; round++) {
      Backoff backoff = new Backoff(MIN, MAX);
      for (int i = 0; i < 8; i++) {
        backoff.next();
      }
      backoff.connectionEnded(Duration.ofMinutes(3));
      assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofSeconds(2));
    }
  }

  @Test
  void theLargestSettingDoesNotOverflow() {
    Duration century = Duration.ofDays(36_500);
    Backoff backoff = new Backoff(MIN, century);
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.next()).isBetween(MIN, century);
    }
    assertThat(backoff.afterRefusal()).isBetween(century.dividedBy(2), century);
    assertThat(new Backoff(century, century).next()).isEqualTo(century);
  }

  @Test
  void aMaximumBelowTheMinimumIsTheMinimum() {
    assertThat(new Backoff(MAX, MIN).next()).isEqualTo(MAX);
  }
}
