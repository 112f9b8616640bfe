package routes.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * What one family found at one instant: a number for each metric and set of attribute values, and
 * the records that could not be read.
 */
final class Reading {
  private final Map<Row, Double> rows = new LinkedHashMap<>();
  private final Map<String, Throwable> failures = new LinkedHashMap<>();
  private final Set<String> hanging;
  private volatile String current;
  private volatile int begun;

  Reading() {
    this(Set.of());
  }

  /**
   * @param hanging records that an earlier reading is still waiting for
   */
  Reading(Set<String> hanging) {
    this.hanging = hanging;
  }

  /** Adds a number, unless it is NaN or infinite and therefore unknown. */
  void add(Metric metric, double value, String... attributes) {
    if (Double.isFinite(value)) {
      rows.put(new Row(metric, List.of(attributes)), value);
    }
  }

  /** Reads one record. A failure affects this record only. */
  void record(String name, Action action) {
    if (hanging.contains(name)) {
      failures.put(name, new TimeoutException("still hanging"));
      return;
    }
    begun++; // by a single thread
    current = name;
    try {
      action.run();
    } catch (Exception | LinkageError e) {
      failures.put(name, e);
    } finally {
      current = null;
    }
  }

  /** Reads a record that is one number; NaN if it cannot be read. */
  double number(Source<Double> source) {
    double[] number = {Double.NaN};
    record(source.name(), () -> number[0] = source.value().call());
    return number[0];
  }

  /** The record that is being read, or null. */
  String current() {
    return current;
  }

  /** The number of records whose reading has begun. */
  int begun() {
    return begun;
  }

  Map<Row, Double> rows() {
    return rows;
  }

  /** Why records are missing, by record name. */
  Map<String, Throwable> failures() {
    return failures;
  }

  record Row(Metric metric, List<String> attributes) {}

  /** Reads a record, and then adds its numbers. */
  interface Action {
    void run() throws Exception;
  }
}
