package routes.sample;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;

/**
 * Turns the meters into a sample: the device's head and, under {@code metrics}, every number at the
 * path of its meter's name, split at dots, and then its attributes' values, ordered by attribute;
 * without the attribute that Camel adds to the meters of routes, its own name.
 *
 * <p>A meter of several numbers, such as a timer, has them as keys: count, total, max. Where a
 * number and an object meet at one path, the number is the object's {@code value}. What is NaN or
 * infinite stays out.
 */
public final class Sampler {
  private static final String CAMEL = "camelContext";

  private final MeterRegistry meters;
  private final Snapshot snapshot;
  private final Device device;
  private final Predicate<String> chosen;
  private final Map<Meter.Id, List<Source>> sources =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(Sampler::sortKey).thenComparing(Meter.Id::getName));
  private volatile Map<String, Object> newest;

  /**
   * @param chosen which meters go along, by name
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

  /** A new sample. */
  public Map<String, Object> sample() {
    Map<String, Object> sample = snapshot.reading(this::build);
    newest = sample;
    return sample;
  }

  /** The last sample; a first one where there is none yet. */
  public Map<String, Object> newest() {
    Map<String, Object> last = newest;
    return last != null ? last : sample();
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
    return sample;
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
      // It measures no maximum, unlike a timer.
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
