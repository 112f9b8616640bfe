package routes.history;

import io.micrometer.core.instrument.Meter;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import routes.bus.BusStreams;
import routes.jetstream.StreamReader;
import routes.jetstream.UnreadableStreamException;
import routes.sample.Sampler;
import routes.settings.Nearest;

/**
 * Reads this device's samples back from the stream TELEMETRY. Time, memory and the number of
 * simultaneous reads are bounded.
 */
final class History {
  /** About 1 MB per request. */
  private static final int MOST_VALUES = 30_000;

  private static final int MOST_SERIES = 200;
  private static final int MOST_READS = 2;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final StreamReader reader;
  private final String subject;
  private final Sampler sampler;
  private final Semaphore reads = new Semaphore(MOST_READS);

  /**
   * @param device the device's id
   * @param sampler knows which numbers are counters
   */
  History(StreamReader reader, String device, Sampler sampler) {
    this.reader = reader;
    this.subject = "telemetry." + device + ".metrics";
    this.sampler = sampler;
  }

  /**
   * The series of every number that the query selects, by name. A metric that this device has, but
   * that is in no sample of the range, has no series.
   *
   * @throws HistoryException with status 400 if there are too many values, 404 for an unknown
   *     metric, 503 if NATS or this process has no capacity for the read
   */
  Map<String, Series> read(HistoryQuery query) throws HistoryException, InterruptedException {
    if (!reads.tryAcquire()) {
      throw new HistoryException(
          503, MOST_READS + " requests for history are in progress; try again in a second");
    }
    try {
      Collected collected = new Collected(query, sampler.numbers());
      reader.read(BusStreams.TELEMETRY, subject, query.from(), LIMIT, collected::add);
      collected.check();
      return collected.series;
    } catch (UnreadableStreamException e) {
      throw new HistoryException(503, e.getMessage());
    } finally {
      reads.release();
    }
  }

  /** The series of one read. */
  private static final class Collected {
    private final Map<String, Series> series = new TreeMap<>();
    private final HistoryQuery query;
    private final Map<String, Meter.Id> meters;
    private final SampleNumbers numbers;
    private final long from;
    private final long to;
    private final long step;
    private boolean full;

    Collected(HistoryQuery query, Map<String, Meter.Id> meters) {
      this.query = query;
      this.meters = meters;
      this.numbers = new SampleNumbers(query.metrics());
      this.from = query.from().toEpochMilli();
      this.to = query.to().toEpochMilli();
      this.step = query.step().toMillis();
    }

    boolean add(long millis, byte[] sample) {
      if (millis >= to || full) {
        return false;
      }
      if (millis >= from) {
        int point = Math.toIntExact((millis - from) / step);
        numbers.read(sample, (name, value) -> add(name, point, millis, value));
      }
      return true;
    }

    private void add(String name, int point, long millis, double value) {
      Series known = series.get(name);
      if (known == null) {
        full = series.size() == MOST_SERIES || (series.size() + 1) * query.points() > MOST_VALUES;
        if (full) {
          return;
        }
        known = new Series(isCounter(name), query.points());
        series.put(name, known);
      }
      known.add(point, millis, value);
    }

    /** Also for a record that has vanished, such as an unplugged disk, by its metric's name. */
    private boolean isCounter(String name) {
      Meter.Id meter = meters.get(name);
      return meter != null
          ? meter.getType() == Meter.Type.COUNTER
          : meters.values().stream()
              .anyMatch(
                  other ->
                      other.getType() == Meter.Type.COUNTER
                          && SampleNumbers.isWithin(name, other.getName()));
    }

    void check() throws HistoryException {
      if (full) {
        throw new HistoryException(
            400,
            "more than "
                + MOST_SERIES
                + " series or "
                + MOST_VALUES
                + " values; request fewer metrics, or use a step longer than "
                + query.step().toSeconds()
                + "s");
      }
      for (String metric : query.metrics()) {
        if (!isIn(metric, series) && !isIn(metric, meters)) {
          throw new HistoryException(
              404,
              "metric: \""
                  + metric
                  + "\" is unknown; /api/sample has the names"
                  + Nearest.hint(metric, meters.keySet()));
        }
      }
    }

    private static boolean isIn(String metric, Map<String, ?> names) {
      return names.keySet().stream().anyMatch(name -> SampleNumbers.isWithin(name, metric));
    }
  }
}
