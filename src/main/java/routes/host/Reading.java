package routes.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one family found at one instant: a number for each metric and set of attribute values. */
final class Reading {
  private final Map<Row, Double> rows = new LinkedHashMap<>();

  /** Notes a number; one that is NaN or infinite is unknown, and stays out. */
  void add(Metric metric, double value, String... attributes) {
    if (Double.isFinite(value)) {
      rows.put(new Row(metric, List.of(attributes)), value);
    }
  }

  Map<Row, Double> rows() {
    return rows;
  }

  record Row(Metric metric, List<String> attributes) {}
}
