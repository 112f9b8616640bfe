package routes.host;

import io.micrometer.core.instrument.Meter;
import java.util.List;

/** A metric in OpenTelemetry's terms: name, unit, description and the names of its attributes. */
record Metric(
    Meter.Type type, String name, String unit, String description, List<String> attributes) {

  static Metric gauge(String name, String unit, String description, String... attributes) {
    return new Metric(Meter.Type.GAUGE, name, unit, description, List.of(attributes));
  }

  static Metric counter(String name, String unit, String description, String... attributes) {
    return new Metric(Meter.Type.COUNTER, name, unit, description, List.of(attributes));
  }

  /**
   * The unit as Micrometer and Prometheus write it, according to OpenTelemetry's translation; an
   * annotation such as {operation} is not a unit. A gauge named ".count" has a plural as its unit,
   * such as "cpus", because promtool reserves the suffix _count for histograms.
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
