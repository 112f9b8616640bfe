package routes.deploy;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The series of a scrape, with the labels that Prometheus adds. */
final class Scrape {
  private static final Pattern SERIES =
      Pattern.compile("(?m)^([a-z][a-z0-9_]*)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Added by Prometheus to every series: the target, and the name of the rule or alert. */
  static final Set<String> TARGET = Set.of("instance", "job");

  /** Metric, then label, then the values seen. */
  private final Map<String, Map<String, Set<String>>> metrics = new TreeMap<>();

  /**
   * @param texts answers of /metrics
   */
  Scrape(String... texts) {
    for (String text : texts) {
      SERIES.matcher(text).results().forEach(this::add);
    }
    // Prometheus' own series.
    metrics.put("up", new TreeMap<>());
    metrics.put("ALERTS", new TreeMap<>(Map.of("alertname", Set.of(), "alertstate", Set.of())));
  }

  private void add(MatchResult series) {
    Map<String, Set<String>> labels =
        metrics.computeIfAbsent(series.group(1), name -> new TreeMap<>());
    if (series.group(2) != null) {
      LABEL
          .matcher(series.group(2))
          .results()
          .forEach(
              label ->
                  labels
                      .computeIfAbsent(label.group(1), name -> new TreeSet<>())
                      .add(label.group(2)));
    }
  }

  boolean has(String metric) {
    return metrics.containsKey(metric);
  }

  boolean has(String metric, String label) {
    return TARGET.contains(label) || metrics.getOrDefault(metric, Map.of()).containsKey(label);
  }

  /** Whether a series has this value, which is not checked for the labels of the target. */
  boolean has(String metric, String label, String value) {
    Set<String> values = metrics.getOrDefault(metric, Map.of()).getOrDefault(label, Set.of());
    return TARGET.contains(label) || values.isEmpty() || values.contains(value);
  }
}
