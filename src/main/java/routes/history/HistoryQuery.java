package routes.history;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.camel.util.TimeUtils;

/**
 * The parameters of a request for history.
 *
 * @param metrics names of metrics, with or without attribute values: {@code system.memory.usage},
 *     {@code system.memory.usage.used}
 * @param from start of the first step, a multiple of the step
 * @param to end of the range
 * @param step length of a step
 * @param csv whether the answer is CSV instead of JSON
 */
record HistoryQuery(List<String> metrics, Instant from, Instant to, Duration step, boolean csv) {
  static final int MOST_POINTS = 3_000;
  private static final int MOST_METRICS = 20;
  private static final int LONGEST_NAME = 200;
  private static final Duration LONGEST = Duration.ofDays(92);

  /** Steps without the parameter {@code step}. */
  private static final int USUAL_POINTS = 360;

  private static final List<String> NAMES = List.of("metric", "from", "to", "step", "format");

  private static final Pattern TIME =
      Pattern.compile("(?=.)(\\d{1,6}d)?(\\d{1,6}h)?(\\d{1,6}m)?(\\d{1,9}s)?");

  /**
   * Parses the query of a URL, with the defaults {@code from=-1h}, {@code to=now}, and a step that
   * results in some 360 points.
   *
   * @param query percent-encoded; null if there is none
   * @param accept the header Accept, or null
   * @throws HistoryException with status 400 for an invalid parameter
   */
  static HistoryQuery parse(String query, String accept, Instant now) throws HistoryException {
    List<String> metrics = new ArrayList<>();
    String from = "-1h";
    String to = "now";
    String step = "";
    String format = accept != null && accept.startsWith("text/csv") ? "csv" : "json";
    for (String pair : (query == null ? "" : query).split("&")) {
      if (pair.isEmpty()) {
        continue;
      }
      String[] parts = pair.split("=", 2);
      String name = decoded(parts[0]);
      String value = parts.length < 2 ? "" : decoded(parts[1]);
      switch (name) {
        case "metric" -> List.of(value.split(",")).forEach(metric -> metrics.add(metric.strip()));
        case "from" -> from = value;
        case "to" -> to = value;
        case "step" -> step = value;
        case "format" -> format = value;
        default ->
            throw invalid(shown(name) + " is not a parameter; use " + String.join(", ", NAMES));
      }
    }
    if (!format.equals("json") && !format.equals("csv")) {
      throw invalid("format: " + shown(format) + " is unknown; use json or csv");
    }
    checkNames(metrics);
    Instant end = min(time("to", to, now), now);
    Instant start = time("from", from, now);
    Duration range = Duration.between(start, end);
    if (range.isNegative() || range.isZero()) {
      throw invalid("from must be before to and in the past; use, for example, from=-6h");
    }
    if (range.compareTo(LONGEST) > 0) {
      throw invalid(
          "the range of "
              + range.toDays()
              + " days is too long; at most "
              + LONGEST.toDays()
              + " days are allowed");
    }
    return of(metrics, start, wholeMillis(end), step(step, range), format.equals("csv"));
  }

  private static HistoryQuery of(
      List<String> metrics, Instant start, Instant end, long step, boolean csv)
      throws HistoryException {
    Instant first = Instant.ofEpochSecond(Math.floorDiv(start.getEpochSecond(), step) * step);
    HistoryQuery query =
        new HistoryQuery(List.copyOf(metrics), first, end, Duration.ofSeconds(step), csv);
    if (query.points() > MOST_POINTS) {
      throw invalid(
          "step: "
              + query.points()
              + " points are too many; use step="
              + (Duration.between(start, end).toSeconds() / MOST_POINTS + 1)
              + "s or longer");
    }
    return query;
  }

  /** The number of steps. */
  int points() {
    long millis = Duration.between(from, to).toMillis();
    return Math.toIntExact((millis + step.toMillis() - 1) / step.toMillis());
  }

  private static void checkNames(List<String> metrics) throws HistoryException {
    if (metrics.isEmpty()) {
      throw invalid(
          "metric is missing; use, for example, metric=system.cpu.utilization (/api/sample has the"
              + " names)");
    }
    if (metrics.size() > MOST_METRICS) {
      throw invalid("metric: at most " + MOST_METRICS + " metrics are allowed per request");
    }
    for (String metric : metrics) {
      if (metric.isEmpty()
          || metric.length() > LONGEST_NAME
          || metric.startsWith(".")
          || metric.endsWith(".")
          || metric.chars().anyMatch(Character::isISOControl)) {
        throw invalid(
            "metric: "
                + shown(metric)
                + " is not a metric's name; use a name such as system.cpu.utilization");
      }
    }
  }

  private static long step(String text, Duration range) throws HistoryException {
    if (text.isEmpty()) {
      return Math.max(1, range.toSeconds() / USUAL_POINTS);
    }
    long seconds = TIME.matcher(text).matches() ? TimeUtils.toDuration(text).toSeconds() : 0;
    if (seconds < 1) {
      throw invalid(
          "step: " + shown(text) + " is not a step; use a time of at least 1s, such as 60s or 5m");
    }
    return Math.min(seconds, LONGEST.toSeconds());
  }

  /** {@code now}, a time before now such as {@code -6h}, or a date such as 2026-11-30T10:00:00Z. */
  private static Instant time(String name, String text, Instant now) throws HistoryException {
    if (text.equals("now")) {
      return now;
    }
    try {
      return text.startsWith("-") && TIME.matcher(text.substring(1)).matches()
          ? now.minus(TimeUtils.toDuration(text.substring(1)))
          : Instant.parse(text.toUpperCase(Locale.ROOT));
    } catch (DateTimeException | ArithmeticException e) {
      throw invalid(
          name
              + ": "
              + shown(text)
              + " is not a time; use a time before now such as -6h, or a date such as"
              + " 2026-11-30T10:00:00Z");
    }
  }

  /** Rounds up, so that what was stored in the same millisecond belongs to the range. */
  private static Instant wholeMillis(Instant time) {
    return time.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
  }

  private static Instant min(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static String decoded(String text) throws HistoryException {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid(shown(text) + " is not percent-encoded correctly");
    }
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return '"' + (line.length() > 60 ? line.substring(0, 60) + "..." : line) + '"';
  }

  private static HistoryException invalid(String reason) {
    return new HistoryException(400, reason);
  }
}
