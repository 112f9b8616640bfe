package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BacklogTrendTest {
  @Test
  void keepsTheNewestValuesInOrder() {
    BacklogTrend trend = new BacklogTrend();
    assertThat(trend.values()).isEmpty();
    trend.add(7);
    assertThat(trend.values()).containsExactly(7);
    for (long i = 0; i < 777; i++) {
      trend.add(i);
    }
    assertThat(trend.values()).isEqualTo(LongStream.range(657, 777).toArray());
  }
}
