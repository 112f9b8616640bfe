package routes.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import routes.sample.Snapshot;

/** All meters in Prometheus' text format. */
public final class PrometheusScrape {
  private final PrometheusMeterRegistry meters;
  private final Snapshot snapshot;

  public PrometheusScrape(PrometheusMeterRegistry meters, Snapshot snapshot) {
    this.meters = meters;
    this.snapshot = snapshot;
  }

  /** Format 0.0.4, which goes with {@code Content-Type: text/plain; version=0.0.4}. */
  public String scrape() {
    return snapshot.reading(() -> meters.scrape());
  }
}
