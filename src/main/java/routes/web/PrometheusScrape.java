package routes.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import routes.sample.Snapshot;

/**
 * All meters in Prometheus' text format; as in the sample, a number that is not finite is absent.
 */
public final class PrometheusScrape {
  private final PrometheusMeterRegistry meters;
  private final Snapshot snapshot;

  public PrometheusScrape(PrometheusMeterRegistry meters, Snapshot snapshot) {
    this.meters = meters;
    this.snapshot = snapshot;
  }

  /** Format 0.0.4, which goes with {@code Content-Type: text/plain; version=0.0.4}. */
  public String scrape() {
    return finite(snapshot.reading(() -> meters.scrape()));
  }

  private static String finite(String text) {
    StringBuilder finite = new StringBuilder(text.length());
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start) + 1;
      end = end == 0 ? text.length() : end;
      String line = text.substring(start, end).stripTrailing();
      boolean value = !line.startsWith("#");
      if (!(value && (line.endsWith(" NaN") || line.endsWith("Inf")))) {
        finite.append(text, start, end);
      }
      start = end;
    }
    return finite.toString();
  }
}
