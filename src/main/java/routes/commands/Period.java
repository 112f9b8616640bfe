package routes.commands;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times in the notation of settings, with one unit: 500ms, 5s, 1m, 12h, 1d. */
final class Period {
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Pattern SPELLING = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  private Period() {}

  /** Empty unless the text is a time from 500 ms to one day. */
  static Optional<Duration> parse(String text) {
    Matcher spelling = SPELLING.matcher(text);
    if (!spelling.matches()) {
      return Optional.empty();
    }
    return Optional.of(UNITS.get(spelling.group(2)).multipliedBy(Long.parseLong(spelling.group(1))))
        .filter(time -> time.compareTo(SHORTEST) >= 0 && time.compareTo(LONGEST) <= 0);
  }

  /** The time in the largest unit that gives a whole number. */
  static String text(Duration time) {
    String unit = "ms";
    for (String larger : new String[] {"s", "m", "h", "d"}) {
      if (time.toMillis() % UNITS.get(larger).toMillis() == 0) {
        unit = larger;
      }
    }
    return time.toMillis() / UNITS.get(unit).toMillis() + unit;
  }
}
