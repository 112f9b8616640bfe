package routes.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * What one family found at one instant: a number for each metric and set of attribute values, and
 * which of its records could not be read.
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
   * @param hanging records that an earlier reading still waits for
   */
  Reading(Set<String> hanging) {
    this.hanging = hanging;
  }

  /** Notes a number; one that is NaN or infinite is unknown, and stays out. */
  void add(Metric metric, double value, String... attributes) {
    if (Double.isFinite(value)) {
      rows.put(new Row(metric, List.of(attributes)), value);
    }
  }

  /** Reads one record. What goes wrong with it costs this record alone. */
  void record(String name, Action action) {
    if (hanging.contains(name)) {
      failures.put(name, new TimeoutException("no answer"));
      return;
    }
    begun++; // by one thread alone
    current = name;
    try {
      action.run();
    } catch (Exception | LinkageError e) {
      failures.put(name, e);
    } finally {
      current = null;
    }
  }

  /** Reads a record that is one number; NaN where it cannot be read. */
  double number(Source<Double> source) {
    double[] number = {Double.NaN};
    record(source.name(), () -> number[0] = source.value().call());
    return number[0];
  }

  /** The record that is being read, or null. */
  String current() {
    return current;
  }

  /** How many records it has begun to read. */
  int begun() {
    return begun;
  }

  Map<Row, Double> rows() {
    return rows;
  }

  /** Why records are missing, by their names. */
  Map<String, Throwable> failures() {
    return failures;
  }

  record Row(Metric metric, List<String> attributes) {}

  /** Reads a record, and then notes its numbers. */
  interface Action {
    void run() throws Exception;
  }
}
