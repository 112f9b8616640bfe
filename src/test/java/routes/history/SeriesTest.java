package routes.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What becomes of the numbers of samples. */
class SeriesTest {
  @Test
  void combinesTheValuesOfAStep() {
    Series series = new Series(false, 2);
    series.add(1, 10_000, 1);
    series.add(1, 20_000, -4);
    series.add(1, 30_000, 6);
    assertThat(series.isEmpty(0)).isTrue();
    assertThat(series.mean(1)).isEqualTo(1);
    assertThat(series.min(1)).isEqualTo(-4);
    assertThat(series.max(1)).isEqualTo(6);
  }

  @Test
  void turnsACounterIntoARatePerSecond() {
    Series series = new Series(true, 3);
    series.add(0, 0, 100);
    series.add(1, 10_000, 600);
    series.add(1, 20_000, 600);
    assertThat(series.isEmpty(0)).isTrue();
    assertThat(series.mean(1)).isEqualTo(25);
    assertThat(series.max(1)).isEqualTo(50);
  }

  @Test
  void skipsTheIncreaseAcrossARestart() {
    Series series = new Series(true, 3);
    series.add(0, 0, 1_000_000);
    series.add(1, 10_000, 50);
    series.add(2, 20_000, 70);
    assertThat(series.isEmpty(1)).isTrue();
    assertThat(series.mean(2)).isEqualTo(2);
  }

  @Test
  void findsNumbersByMetricWithOrWithoutAttributes() {
    String sample =
        """
        {"id":"a","labels":{"x":{"metrics":{"load":9}}},"metrics":{"load":0.5,"loaded":1,
         "system":{"network":{"io":{"eth0.100":{"receive":7,"transmit":8}}},
          "memory":{"usage":{"used":1,"free":2},"limit":3}}}}""";
    assertThat(numbers(sample, "load")).isEqualTo(Map.of("load", 0.5));
    assertThat(numbers(sample, "system.memory.usage.used"))
        .isEqualTo(Map.of("system.memory.usage.used", 1.0));
    assertThat(numbers(sample, "system.memory.usage", "system.network.io.eth0.100"))
        .isEqualTo(
            Map.of(
                "system.memory.usage.used", 1.0,
                "system.memory.usage.free", 2.0,
                "system.network.io.eth0.100.receive", 7.0,
                "system.network.io.eth0.100.transmit", 8.0));
    assertThat(numbers(sample, "system.memory.usag", "metrics", "deviceId")).isEmpty();
  }

  @Test
  void ignoresAnythingButSamples() {
    for (String body : List.of("", "t=71", "[1]", "{\"metrics\":[{\"load\":1}]}", "\"x\"")) {
      assertThat(numbers(body, "load")).as(body).isEmpty();
    }
    assertThat(numbers("{\"metrics\":{\"load\":1,\"x\":", "load")).hasSize(1);
    assertThat(numbers("{\"metrics\":" + "{\"load\":".repeat(100_000), "load")).isEmpty();
  }

  private static Map<String, Double> numbers(String sample, String... metrics) {
    Map<String, Double> numbers = new TreeMap<>();
    new SampleNumbers(List.of(metrics)).read(sample.getBytes(StandardCharsets.UTF_8), numbers::put);
    return numbers;
  }
}
