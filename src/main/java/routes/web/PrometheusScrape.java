package routes.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import routes.sample.Snapshot;

/**
 * All meters in Prometheus' text format. As in the sample, values that are not finite are left out.
 */
public final class PrometheusScrape {
  private static final String FORMAT = "text/plain; version=0.0.4";

  private final FiniteLines lines = new FiniteLines();
  private final PrometheusMeterRegistry meters;
  private final Snapshot snapshot;

  public PrometheusScrape(PrometheusMeterRegistry meters, Snapshot snapshot) {
    this.meters = meters;
    this.snapshot = snapshot;
  }

  /**
   * Format 0.0.4 in UTF-8, served as {@code Content-Type: text/plain; version=0.0.4}. A buffer,
   * because Camel sends an array in chunks of 8 KB, each through two threads.
   */
  public ByteBuffer scrape() {
    return snapshot.reading(
        () -> {
          synchronized (lines) { // the buffer is reused
            try {
              lines.reset();
              meters.scrape(lines, FORMAT);
              return ByteBuffer.wrap(lines.toBytes());
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
  }
}
