package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The recorded host, from which docs/reference.md is generated, has every meter of a real host. */
class EveryHostMeterTest {
  private record Kind(
      String name, Meter.Type type, String unit, String description, List<String> attributes) {}

  @Test
  void theRecordedHostHasEveryMeterOfThisHost() {
    MeterRegistry recorded = new SimpleMeterRegistry();
    EveryHostMeter.register(recorded);

    assertThat(kinds(recorded)).containsAll(kinds(new FreshHost().meters()));
  }

  @Test
  void everyMeterHasADescription() {
    MeterRegistry recorded = new SimpleMeterRegistry();
    EveryHostMeter.register(recorded);

    assertThat(recorded.getMeters())
        .isNotEmpty()
        .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
  }

  private static Set<Kind> kinds(MeterRegistry registry) {
    return registry.getMeters().stream()
        .map(Meter::getId)
        .filter(id -> !id.getName().startsWith("jvm."))
        .map(
            id ->
                new Kind(
                    id.getName(),
                    id.getType(),
                    id.getBaseUnit(),
                    id.getDescription(),
                    id.getTags().stream().map(Tag::getKey).toList()))
        .collect(Collectors.toSet());
  }
}
