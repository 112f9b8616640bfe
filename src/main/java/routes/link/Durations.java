package routes.link;

import java.time.Duration;

/** Formats times for people: 20 s, 1.5 s, 150 ms. */
final class Durations {
  private Durations() {}

  static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    return millis % 1_000 == 0 || millis >= 10_000
        ? (millis + 500) / 1_000 + " s"
        : (millis + 50) / 100 / 10.0 + " s";
  }
}
