package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  @ParameterizedTest
  @CsvSource({
    "abc, abc, 0",
    "abc, abd, 1",
    "abc, ab, 1",
    "ab, abc, 1",
    "url, ulr, 1",
    "'', abc, 3",
    "abc, '', 3",
    "ca, abc, 3",
    "kitten, sitting, 3",
    "conection, connection, 1"
  })
  void countsEdits(String from, String to, int edits) {
    assertThat(Nearest.distance(from, to)).isEqualTo(edits);
    assertThat(Nearest.distance(to, from)).isEqualTo(edits);
  }

  @ParameterizedTest
  @CsvSource({
    "qoss, qos",
    "topc, topic",
    "SETBODY, setBody",
    "setbody, setBody",
    "timr, timer",
    "durablName, durableName"
  })
  void findsTheNearest(String word, String meant) {
    List<String> words = List.of("qos", "topic", "setBody", "timer", "durableName", "setHeader");
    assertThat(Nearest.to(word, words)).contains(meant);
  }

  @Test
  void findsNothingThatIsFar() {
    assertThat(Nearest.to("period", List.of("topic", "qos"))).isEmpty();
    assertThat(Nearest.to("x", List.of())).isEmpty();
    assertThat(Nearest.hint("x", List.of())).isEmpty();
  }

  @Test
  void prefersTheSameCaseOfTwoEquallyNear() {
    assertThat(Nearest.to("Nat", List.of("Nats", "nats"))).contains("Nats");
  }
}
