package routes.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.host.FamilyReader.Outcome;
import routes.sample.Snapshot;

/**
 * All families of host meters, read together. Whoever reads the meters through {@link #reading}
 * sees one instant, and concurrent readers share it.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>collector.success - 1 if a family of meters and all of its records could be read, otherwise
 *       0 - family
 * </ul>
 */
public final class HostMeters implements Snapshot, MeterBinder {
  private static final Logger LOG = LoggerFactory.getLogger(HostMeters.class);
  private static final Metric SUCCESS =
      Metric.gauge(
          "collector.success",
          "{success}",
          "1, or 0 if a family of host metrics or a record of it could not be read",
          "family");

  /** Stands for the whole family in place of a record's name. */
  private static final String WHOLE = "";

  private static final long SAME_INSTANT = Duration.ofMillis(200).toNanos();

  private final List<MeterFamily> families;
  private final FamilyReader reader;
  private final LongSupplier nanos;
  private final Map<MeterFamily, Set<String>> failing = new HashMap<>();
  private boolean read;
  private long readAt;

  /**
   * @param limit how long a family may take
   * @param nanos the clock
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
    Reading reading = outcome.reading();
    Map<String, Throwable> failures =
        outcome.failure() == null ? reading.failures() : Map.of(WHOLE, outcome.failure());
    reading.add(SUCCESS, failures.isEmpty() ? 1 : 0, family.name());
    family.show(reading);
    log(family, failures);
  }

  /** Logs each failure once, until it is over. */
  private void log(MeterFamily family, Map<String, Throwable> failures) {
    Set<String> fresh = new TreeSet<>(failures.keySet());
    fresh.removeAll(failing.getOrDefault(family, Set.of()));
    failing.put(family, Set.copyOf(failures.keySet()));
    if (fresh.contains(WHOLE)) {
      LOG.warn(
          "cannot read the {} meters; other families are not affected: {}",
          family.name(),
          failures.get(WHOLE).toString());
    } else if (!fresh.isEmpty()) {
      String first = fresh.iterator().next();
      LOG.warn(
          "cannot read the {} meters of {}; the others are not affected: {}",
          family.name(),
          fresh.size() == 1 ? first : first + " and " + (fresh.size() - 1) + " more",
          failures.get(first).toString());
    }
  }
}
