package routes.sample;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the meters into a sample: the device's head and, under {@code metrics}, every number. Its
 * path is the meter's name, split at dots, followed by the values of its attributes, ordered by
 * attribute. The context name that Camel adds to the meters of routes is left out.
 *
 * <p>A meter with several numbers, such as a timer, has them as keys: count, total, max. If a
 * number and an object have the same path, the number becomes the object's {@code value}. NaN and
 * infinite numbers are left out.
 */
public final class Sampler {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
  private static final String CAMEL = "camelContext";

  private final MeterRegistry meters;
  private final Snapshot snapshot;
  private final Device device;
  private final Predicate<String> chosen;
  private final Map<Meter.Id, List<Source>> sources =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(Sampler::sortKey).thenComparing(Meter.Id::getName));
  private volatile Map<String, Object> newest;
  private volatile boolean empty;

  /**
   * @param chosen which meters to include, by name
   */
  public Sampler(MeterRegistry meters, Snapshot snapshot, Device device, Predicate<String> chosen) {
    this.meters = meters;
    this.snapshot = snapshot;
    this.device = device;
    this.chosen = chosen;
  }

  /** Follows the meters as they come and go. */
  public Sampler start() {
    meters.config().onMeterAdded(this::add).onMeterRemoved(meter -> sources.remove(meter.getId()));
    meters.forEachMeter(this::add);
    return this;
  }

  /** Takes a new sample. */
  public Map<String, Object> sample() {
    Map<String, Object> sample = snapshot.reading(this::build);
    newest = sample;
    return sample;
  }

  /** Returns the last sample, or takes the first one. */
  public Map<String, Object> newest() {
    Map<String, Object> last = newest;
    return last != null ? last : sample();
  }

  /** The meters of the numbers in a sample, by the number's path, joined with dots. */
  public Map<String, Meter.Id> numbers() {
    Map<String, Meter.Id> numbers = new HashMap<>();
    sources.forEach(
        (id, meter) -> meter.forEach(source -> numbers.put(String.join(".", source.path()), id)));
    return numbers;
  }

  private Map<String, Object> build() {
    Tree tree = new Tree();
    for (List<Source> meter : sources.values()) {
      for (Source source : meter) {
        double value = source.number().getValue();
        if (Double.isFinite(value)) {
          tree.put(source.path(), value);
        }
      }
    }
    Map<String, Object> sample = device.message();
    sample.put("metrics", tree.asMap());
    warnIfEmpty(tree.asMap().isEmpty());
    return sample;
  }

  private void warnIfEmpty(boolean now) {
    if (now && !empty) {
      LOG.warn(
          "the sample is empty and not published; collect.include and collect.exclude leave no"
              + " meter that can be read");
    }
    empty = now;
  }

  private void add(Meter meter) {
    Meter.Id id = meter.getId();
    if (!chosen.test(id.getName())) {
      return;
    }
    List<String> path = path(id);
    List<Measurement> numbers = new ArrayList<>();
    meter.measure().forEach(numbers::add);
    if (meter instanceof DistributionSummary summary) {
      // Unlike a timer, it does not measure its maximum.
      numbers.add(new Measurement(summary::max, Statistic.MAX));
    }
    List<Source> meterSources = new ArrayList<>();
    for (Measurement number : numbers) {
      List<String> full = new ArrayList<>(path);
      if (numbers.size() > 1) {
        full.add(number.getStatistic().getTagValueRepresentation());
      }
      meterSources.add(new Source(full.toArray(String[]::new), number));
    }
    sources.put(id, meterSources);
  }

  private static List<String> path(Meter.Id id) {
    List<String> path = new ArrayList<>(List.of(id.getName().split("\\.")));
    // Micrometer keeps tags sorted by key.
    for (Tag tag : id.getTagsAsIterable()) {
      if (!tag.getKey().equals(CAMEL)) {
        path.add(tag.getValue());
      }
    }
    return path;
  }

  private static String sortKey(Meter.Id id) {
    return String.join("\0", path(id));
  }

  private record Source(String[] path, Measurement number) {}
}
