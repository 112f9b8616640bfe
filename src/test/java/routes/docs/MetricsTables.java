package routes.docs;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import routes.bus.EveryBusMeter;
import routes.commands.EveryCommandMeter;
import routes.host.EveryHostMeter;
import routes.jetstream.EveryConsumerMeter;
import routes.link.EveryLinkMeter;
import routes.tls.EveryCertificateMeter;

/**
 * The tables of metrics in docs/reference.md, from the registered meters. {@code tools/reference}
 * writes them.
 */
public final class MetricsTables {
  private static final Pattern OWN =
      Pattern.compile("(bus|certificate|collector|command|mqtt)\\..*");
  private static final Pattern FIXED_VALUES =
      Pattern.compile(".*\\.(mode|state|direction)|reason|result");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+)");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, List<Meter>> meters = new TreeMap<>();
  private final Set<String> scraped;

  private MetricsTables() {
    EveryHostMeter.register(registry);
    EveryBusMeter.register(registry);
    EveryConsumerMeter.register(registry);
    EveryLinkMeter.register(registry);
    EveryCertificateMeter.register(registry);
    EveryCommandMeter.register(registry);
    registry
        .getMeters()
        .forEach(
            meter ->
                meters.computeIfAbsent(meter.getId().getName(), k -> new ArrayList<>()).add(meter));
    scraped =
        TYPE.matcher(registry.scrape())
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toSet());
  }

  /** Prints the table {@code host} or {@code own}. */
  public static void main(String... args) {
    new PrintStream(System.out, true, StandardCharsets.UTF_8)
        .print(args[0].equals("own") ? own() : host());
  }

  static String host() {
    return new MetricsTables().table(false);
  }

  /** The metrics of the runtime itself. */
  static String own() {
    return new MetricsTables().table(true);
  }

  private String table(boolean own) {
    StringBuilder table =
        new StringBuilder("| metric | unit | meaning | attributes | in Prometheus |\n")
            .append("|---|---|---|---|---|\n");
    meters.forEach(
        (name, same) -> {
          if (OWN.matcher(name).matches() == own) {
            table.append(row(same));
          }
        });
    return table.toString();
  }

  private String row(List<Meter> same) {
    Meter.Id id = same.get(0).getId();
    return "| `%s` | %s | %s | %s | `%s` |\n"
        .formatted(
            id.getName(),
            Objects.requireNonNullElse(id.getBaseUnit(), ""),
            id.getDescription(),
            attributes(same),
            inPrometheus(id))
        .replace("|  |", "| |");
  }

  private static String attributes(List<Meter> same) {
    Map<String, Collection<String>> values = new TreeMap<>();
    for (Meter meter : same) {
      for (Tag tag : meter.getId().getTagsAsIterable()) {
        values.computeIfAbsent(tag.getKey(), k -> new TreeSet<>()).add(tag.getValue());
      }
    }
    return values.entrySet().stream()
        .map(
            attribute ->
                FIXED_VALUES.matcher(attribute.getKey()).matches()
                    ? "`%s`: %s"
                        .formatted(attribute.getKey(), String.join(", ", attribute.getValue()))
                    : "`%s`".formatted(attribute.getKey()))
        .collect(Collectors.joining("; "));
  }

  /** The name in a scrape, which appends _total to counters. */
  private String inPrometheus(Meter.Id id) {
    String name = id.getConventionName(registry.config().namingConvention());
    return Stream.of(name, name + "_total").filter(scraped::contains).findFirst().orElseThrow();
  }
}
