package routes.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads families one after another on a daemon thread. If a record hangs, it is abandoned together
 * with its thread until it returns, and another thread reads the rest. The same applies to a whole
 * family that hangs outside a record, or has too many hanging records.
 */
final class FamilyReader {
  /** Each costs a thread. */
  private static final int MOST_HANGING = 8;

  private final Duration limit;
  private final Duration recordLimit;
  private final Map<Place, Future<?>> stuck = new HashMap<>();
  private ExecutorService thread = newThread();

  /**
   * @param limit how long one round of readings may take before the current family is abandoned
   */
  FamilyReader(Duration limit) {
    this.limit = limit;
    this.recordLimit = limit.dividedBy(5);
  }

  /** Returns what each family found, or why it found nothing. */
  Map<MeterFamily, Outcome> read(List<MeterFamily> families) {
    Map<MeterFamily, Outcome> outcomes = new LinkedHashMap<>();
    List<MeterFamily> rest = new ArrayList<>();
    stuck.values().removeIf(Future::isDone);
    for (MeterFamily family : families) {
      if (stuck.containsKey(new Place(family, null))) {
        outcomes.put(family, hanging());
      } else {
        rest.add(family);
      }
    }
    Duration patience = recordLimit;
    while (!rest.isEmpty()) {
      Round round = new Round(rest, this::hangingRecords);
      Future<?> run = thread.submit(round);
      boolean inTime = waitFor(run, round, patience);
      Place late = round.leave();
      outcomes.putAll(round.outcomes);
      if (inTime || late == null) {
        break;
      }
      boolean whole = late.record == null || hangingRecords(late.family).size() >= MOST_HANGING;
      stuck.put(whole ? new Place(late.family, null) : late, run);
      if (whole) {
        outcomes.put(late.family, hanging());
      }
      // Not interrupted: a file that returns immediately would block the next reading.
      thread.shutdown();
      thread = newThread();
      // where one record hangs, others tend to hang too, such as the mounts of one server
      patience = recordLimit.dividedBy(4);
      rest = rest.subList(rest.indexOf(late.family) + (whole ? 1 : 0), rest.size());
    }
    return outcomes;
  }

  private Set<String> hangingRecords(MeterFamily family) {
    return stuck.keySet().stream()
        .filter(place -> place.family == family && place.record != null)
        .map(Place::record)
        .collect(Collectors.toSet());
  }

  /** Waits until the round ends, times out, or spends too long on one record. */
  private boolean waitFor(Future<?> run, Round round, Duration patience) {
    long end = System.nanoTime() + limit.toNanos();
    Reading reading = null;
    int begun = 0;
    while (true) {
      try {
        long left = Math.min(patience.toNanos(), end - System.nanoTime());
        run.get(Math.max(1, left), TimeUnit.NANOSECONDS);
        return true;
      } catch (TimeoutException e) {
        Reading now = round.reading();
        boolean same = now != null && now == reading && now.begun() == begun;
        if (same && now.current() != null || System.nanoTime() >= end) {
          return false;
        }
        reading = now;
        begun = now == null ? 0 : now.begun();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return true;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  private Outcome hanging() {
    return new Outcome(
        new Reading(), new TimeoutException("timed out after " + limit.toMillis() + " ms"));
  }

  private static ExecutorService newThread() {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread daemon = new Thread(task, "host-meters");
              daemon.setDaemon(true);
              return daemon;
            });
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  /**
   * @param failure null if the family was read, apart from failures of single records
   */
  record Outcome(Reading reading, Throwable failure) {}

  /**
   * The position of a thread.
   *
   * @param record null outside of records
   */
  private record Place(MeterFamily family, String record) {}

  private static final class Round implements Runnable {
    private final List<MeterFamily> families;
    private final Map<MeterFamily, Set<String>> hanging = new HashMap<>();
    private final Map<MeterFamily, Outcome> outcomes = new LinkedHashMap<>();
    private MeterFamily family;
    private Reading reading;
    private boolean left;

    Round(List<MeterFamily> families, Function<MeterFamily, Set<String>> hanging) {
      this.families = families;
      families.forEach(each -> this.hanging.put(each, hanging.apply(each)));
    }

    @Override
    public void run() {
      for (MeterFamily next : families) {
        Reading empty = new Reading(hanging.get(next));
        if (!begin(next, empty)) {
          return;
        }
        end(next, outcome(next, empty));
      }
    }

    /** Stops accepting outcomes; returns where the thread is, or null if it has ended. */
    synchronized Place leave() {
      left = true;
      return family == null ? null : new Place(family, reading.current());
    }

    synchronized Reading reading() {
      return reading;
    }

    private synchronized boolean begin(MeterFamily next, Reading empty) {
      family = left ? null : next;
      reading = empty;
      return !left;
    }

    private synchronized void end(MeterFamily done, Outcome outcome) {
      if (!left) {
        outcomes.put(done, outcome);
        family = null;
      }
    }

    private static Outcome outcome(MeterFamily family, Reading reading) {
      try {
        family.read(reading);
        return new Outcome(reading, null);
      } catch (Exception | LinkageError e) {
        // A missing native library is a LinkageError.
        return new Outcome(new Reading(), e);
      }
    }
  }
}
