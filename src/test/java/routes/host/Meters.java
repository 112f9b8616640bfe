package routes.host;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Families of meters with their own registry and clock. */
final class Meters {
  final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final AtomicLong nanos = new AtomicLong();
  final HostMeters host;

  Meters(MeterFamily... families) {
    this(Duration.ofSeconds(20), families);
  }

  Meters(Duration limit, MeterFamily... families) {
    host = new HostMeters(List.of(families), limit, nanos::get);
    host.bindTo(registry);
  }

  /** The current values of the meters, such as {@code system.disk.io read sda -> 5.0}. */
  static Map<String, Double> of(MeterFamily... families) {
    return new Meters(families).values();
  }

  Map<String, Double> values() {
    Map<String, Double> values = allValues();
    values.keySet().removeIf(name -> name.startsWith("collector."));
    return values;
  }

  Map<String, Double> allValues() {
    return host.reading(
        () -> {
          Map<String, Double> values = new TreeMap<>();
          registry.forEachMeter(meter -> values.put(name(meter.getId()), value(meter)));
          return values;
        });
  }

  /** Advances the clock, so that the next call takes a new reading. */
  Meters later() {
    return later(Duration.ofSeconds(10));
  }

  Meters later(Duration time) {
    nanos.addAndGet(time.toNanos());
    return this;
  }

  private static String name(Meter.Id id) {
    String tags = id.getTags().stream().map(Tag::getValue).collect(Collectors.joining(" "));
    return (id.getName() + " " + tags).strip();
  }

  private static double value(Meter meter) {
    return meter instanceof Gauge gauge ? gauge.value() : ((FunctionCounter) meter).count();
  }
}
