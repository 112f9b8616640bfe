package routes.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.host.FamilyReader.Outcome;
import routes.sample.Snapshot;

/**
 * All families of host meters, read together: who reads the meters through {@link #reading} sees
 * one instant, and readers at the same instant share it.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>collector.success - whether a family of meters could be read, 1 or 0 - family
 * </ul>
 */
public final class HostMeters implements Snapshot, MeterBinder {
  private static final Logger LOG = LoggerFactory.getLogger(HostMeters.class);
  private static final Metric SUCCESS =
      Metric.gauge(
          "collector.success",
          "{success}",
          "Whether this family of host meters could be read: 1, or 0 when it failed",
          "family");
  private static final long SAME_INSTANT = Duration.ofMillis(200).toNanos();

  private final List<MeterFamily> families;
  private final FamilyReader reader;
  private final LongSupplier nanos;
  private final Set<MeterFamily> failing = new HashSet<>();
  private boolean read;
  private long readAt;

  /**
   * @param limit how long a family may take
   * @param nanos the time
   */
  HostMeters(List<MeterFamily> families, Duration limit, LongSupplier nanos) {
    this.families = families;
    this.reader = new FamilyReader(limit);
    this.nanos = nanos;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    families.forEach(family -> family.bindTo(registry));
  }

  @Override
  public synchronized <T> T reading(Supplier<T> meters) {
    if (!read || nanos.getAsLong() - readAt >= SAME_INSTANT) {
      reader.read(families).forEach(this::show);
      readAt = nanos.getAsLong();
      read = true;
    }
    return meters.get();
  }

  private void show(MeterFamily family, Outcome outcome) {
    Throwable failure = outcome.failure();
    Reading reading = outcome.reading();
    reading.add(SUCCESS, failure == null ? 1 : 0, family.name());
    family.show(reading);
    if (failure == null) {
      failing.remove(family);
    } else if (failing.add(family)) {
      LOG.warn(
          "The {} meters can't be read, the others go on: {}", family.name(), failure.toString());
    }
  }
}
