package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectTest {
  @ParameterizedTest
  @CsvSource({
    "telemetry.*.>, telemetry.*.>, true",
    "telemetry.*.>, telemetry.a.b.c, true",
    "telemetry.*.>, telemetry.a, false",
    "telemetry.*.>, telemetry.>, false",
    "telemetry.>, telemetry.*.>, true",
    "telemetry.a.>, telemetry.*.>, false",
    "telemetry.*.>, other.>, false",
    ">, other.a, true",
    "*, >, false",
    "a.b, a.b, true",
    "a.b, a.b.c, false",
    "a.b.c, a.b, false",
  })
  void comparesPatterns(String pattern, String other, boolean covers) {
    assertThat(Subject.covers(pattern, other)).isEqualTo(covers);
  }
}
