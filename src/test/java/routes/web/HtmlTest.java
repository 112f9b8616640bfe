package routes.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HtmlTest {
  @Test
  void escapesText() {
    assertThat(new Html().element("b", "<script>\"&").toString())
        .isEqualTo("<b>&lt;script&gt;&quot;&amp;</b>");
  }

  @Test
  void writesTimesForScriptsAndForPeople() {
    assertThat(new Html().time(Instant.parse("2026-11-30T10:00:02.1234567Z")).toString())
        .isEqualTo("<time datetime=\"2026-11-30T10:00:02.123Z\">2026-11-30 10:00:02 UTC</time>");
  }

  @Test
  void writesDurations() {
    assertThat(Html.duration(Duration.ofSeconds(-1))).isEqualTo("0 s");
    assertThat(Html.duration(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(Html.duration(Duration.ofSeconds(3599))).isEqualTo("59 min");
    assertThat(Html.duration(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
    assertThat(Html.duration(Duration.ofHours(291))).isEqualTo("12 d 3 h");
  }

  @Test
  void groupsDigits() {
    assertThat(Html.count(0)).isEqualTo("0");
    assertThat(Html.count(999)).isEqualTo("999");
    assertThat(Html.count(-100)).isEqualTo("-100");
    assertThat(Html.count(-1000)).isEqualTo("-1,000");
    assertThat(Html.count(1234567)).isEqualTo("1,234,567");
  }

  @Test
  void writesRates() {
    assertThat(Html.rate(0)).isEqualTo("0/min");
    assertThat(Html.rate(5.54)).isEqualTo("5.5/min");
    assertThat(Html.rate(1.02)).isEqualTo("1/min");
    assertThat(Html.rate(29.6)).isEqualTo("30/min");
    assertThat(Html.rate(120_000)).isEqualTo("2,000/s");
  }

  @Test
  void namesTheTrendOfABacklogButNotASingleMessage() {
    assertThat(GatewaysSection.direction(new long[] {0, 1})).isEqualTo("steady");
    assertThat(GatewaysSection.direction(new long[] {1, 0})).isEqualTo("empty");
    assertThat(GatewaysSection.direction(new long[] {0, 2})).isEqualTo("rising");
    assertThat(GatewaysSection.direction(new long[] {7, 3})).isEqualTo("falling");
    assertThat(GatewaysSection.direction(new long[] {3, 3})).isEqualTo("steady");
    assertThat(GatewaysSection.direction(new long[] {0, 0, 900, 1900, 1500, 1000, 500}))
        .as("a drain within a minute of the rise")
        .isEqualTo("falling");
    assertThat(GatewaysSection.direction(new long[] {5, 0})).isEqualTo("empty");
    assertThat(GatewaysSection.direction(new long[] {3, -1})).isEqualTo("unknown");
  }

  @Test
  void drawsGapsAndTheLargestValue() {
    assertThat(Sparkline.svg(new long[] {0, 4, -1, 2, 2}))
        .contains("d=\"M0.0 26.5L30.0 1.5M90.0 14.0L120.0 14.0\"");
    assertThat(Sparkline.svg(new long[] {-1, -1})).contains("d=\"\"");
  }
}
