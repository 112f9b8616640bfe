package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import routes.sample.NamePatterns;

class MeterNamesTest {
  static Stream<String> families() {
    return Stream.of(new Everything().families()).map(MeterFamily::name);
  }

  @ParameterizedTest
  @MethodSource("families")
  void aFamilyNameMatchesExactlyItsMeters(String family) {
    NamePatterns chosen = MeterNames.of(List.of("*"), List.of(family));

    for (MeterFamily each : new Everything().families()) {
      if (each.name().equals(family)) {
        assertThat(meters(each)).isNotEmpty().noneMatch(chosen);
      } else {
        assertThat(meters(each)).allMatch(chosen);
      }
    }
  }

  @Test
  void aNameMatchesTheMetersBelowIt() {
    assertThat(MeterNames.of(List.of("*"), List.of("system.cpu.logical", "orders")))
        .rejects("system.cpu.logical.count", "orders", "orders.failed")
        .accepts("system.cpu.time", "orders2");
  }

  @Test
  void aFamilyCanBeIncludedAlone() {
    assertThat(MeterNames.of(List.of("memory"), List.of()))
        .accepts("system.memory.usage")
        .rejects("system.cpu.time", "container.memory.usage");
  }

  private static Set<String> meters(MeterFamily family) {
    Meters meters = new Meters(family);
    meters.values(); // rates need a second reading
    return meters.later().values().keySet().stream()
        .map(name -> name.replaceFirst(" .*", ""))
        .collect(Collectors.toSet());
  }
}
