package routes.host;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import routes.sample.NamePatterns;

/**
 * Selects meters by the lists {@code collect.include} and {@code collect.exclude}. An entry is a
 * family of host meters, such as {@code disk}, a meter with all those below it, such as {@code
 * system.disk}, or a pattern, such as {@code *.time}.
 */
final class MeterNames {
  private static final Map<String, List<String>> FAMILIES =
      Map.of(
          "battery", List.of("hw.battery"),
          "sensor", List.of("hw.temperature", "hw.voltage", "hw.fan"),
          "process", List.of("system.process", "system.thread"),
          "container", List.of("container"));

  private static final List<String> OTHERS =
      List.of("cpu", "memory", "paging", "filesystem", "disk", "network", "uptime");

  private MeterNames() {}

  static NamePatterns of(List<String> include, List<String> exclude) {
    return new NamePatterns(patterns(include), patterns(exclude));
  }

  private static List<String> patterns(List<String> entries) {
    return entries.stream().flatMap(MeterNames::patterns).toList();
  }

  private static Stream<String> patterns(String entry) {
    if (entry.contains("*")) {
      return Stream.of(entry);
    }
    Stream<String> family =
        OTHERS.contains(entry)
            ? Stream.of("system." + entry)
            : FAMILIES.getOrDefault(entry, List.of()).stream();
    // A route may have created a meter with the name of a family.
    return Stream.concat(Stream.of(entry), family).flatMap(name -> Stream.of(name, name + ".*"));
  }
}
