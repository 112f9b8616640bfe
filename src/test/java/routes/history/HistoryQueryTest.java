package routes.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryQueryTest {
  private static final Instant NOW = Instant.parse("2026-11-30T10:00:07Z");

  @Test
  void alignsStepsAndCoversTheRange() throws HistoryException {
    HistoryQuery query = parse("metric=a&metric=b,c&from=-6h&step=60s");
    assertThat(query.metrics()).containsExactly("a", "b", "c");
    assertThat(query.from()).isEqualTo("2026-11-30T04:00:00Z");
    assertThat(query.to()).isEqualTo(NOW);
    assertThat(query.step()).isEqualTo(Duration.ofMinutes(1));
    assertThat(query.points()).isEqualTo(361);
    assertThat(query.csv()).isFalse();
  }

  @Test
  void hasDefaults() throws HistoryException {
    HistoryQuery query = parse("metric=system.filesystem.utilization./var%20x");
    assertThat(query.metrics()).containsExactly("system.filesystem.utilization./var x");
    assertThat(Duration.between(query.from(), query.to()))
        .isBetween(hours(1), hours(1).plusSeconds(10));
    assertThat(query.step()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void readsDatesAndCutsTheFuture() throws HistoryException {
    HistoryQuery query =
        parse("metric=a&from=2026-11-30T09:00:00Z&to=2026-12-30T00:00:00Z&step=1h");
    assertThat(query.from()).isEqualTo("2026-11-30T09:00:00Z");
    assertThat(query.to()).isEqualTo(NOW);
    assertThat(query.points()).isEqualTo(2);
  }

  @Test
  void respondsInTheFormatThatTheClientAccepts() throws HistoryException {
    assertThat(HistoryQuery.parse("metric=a", "text/csv", NOW).csv()).isTrue();
    assertThat(HistoryQuery.parse("metric=a&format=json", "text/csv", NOW).csv()).isFalse();
    assertThat(parse("metric=a&format=csv").csv()).isTrue();
  }

  @Test
  void endsAfterTheMillisecondOfNow() throws HistoryException {
    HistoryQuery query = HistoryQuery.parse("metric=a", null, NOW.plusNanos(1_500_000));
    assertThat(query.to()).isEqualTo(NOW.plusMillis(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "from=-6h | metric is missing",
        "metric= | not a metric's name",
        "metric=a%0Ab | not a metric's name",
        "metric=.a | not a metric's name",
        "metric=a&from=-1h&to=-2h | from must be before to",
        "metric=a&from=2027-01-01T00:00:00Z | from must be before to",
        "metric=a&from=now | from must be before to",
        "metric=a&from=yesterday | not a time; use a time before now such as -6h",
        "metric=a&from=-999999d | is too long; at most 92 days",
        "metric=a&from=-93d | is too long; at most 92 days",
        "metric=a&from=%2B1h | not a time",
        "metric=a&step=0 | not a step",
        "metric=a&step=0s | not a step",
        "metric=a&step=-5s | not a step",
        "metric=a&step=60 | not a step",
        "metric=a&from=-10000s&step=1s | 10000 points are too many; use step=4s or longer",
        "metric=a&format=xml | use json or csv",
        "metric=a&since=-1h | use metric, from, to, step, format",
        "metric=%zz | not percent-encoded correctly",
        "metric=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u | at most 20 metrics"
      })
  void rejectsAnInvalidQueryWithTheFix(String query, String reason) {
    assertThatThrownBy(() -> parse(query))
        .isInstanceOf(HistoryException.class)
        .hasMessageContaining(reason)
        .extracting(e -> ((HistoryException) e).status())
        .isEqualTo(400);
  }

  private static HistoryQuery parse(String query) throws HistoryException {
    return HistoryQuery.parse(query, null, NOW);
  }

  private static Duration hours(int hours) {
    return Duration.ofHours(hours);
  }
}
