package routes.host;

import io.micrometer.core.instrument.Meter;
import java.util.List;

/**
 * What a metric is, in OpenTelemetry's terms: name, unit, meaning and the names of its attributes.
 */
record Metric(
    Meter.Type type, String name, String unit, String description, List<String> attributes) {

  static Metric gauge(String name, String unit, String description, String... attributes) {
    return new Metric(Meter.Type.GAUGE, name, unit, description, List.of(attributes));
  }

  static Metric counter(String name, String unit, String description, String... attributes) {
    return new Metric(Meter.Type.COUNTER, name, unit, description, List.of(attributes));
  }

  /**
   * The unit as Micrometer and Prometheus write it, the way OpenTelemetry translates it; an
   * annotation such as {operation} is none. A gauge named ".count" has its plural, "cpus": promtool
   * keeps the suffix _count for histograms.
   */
  String baseUnit() {
    return switch (unit) {
      case "By" -> "bytes";
      case "s" -> "seconds";
      case "1" -> "ratio";
      case "Hz" -> "hertz";
      case "Cel" -> "celsius";
      case "V" -> "volts";
      default -> unit.startsWith("{") ? null : unit;
    };
  }
}
