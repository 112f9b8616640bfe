package routes.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads families one after another on one daemon thread. A family that holds the thread up is left
 * behind with it until it returns, and another thread reads the rest.
 */
final class FamilyReader {
  private final Duration limit;
  private final Map<MeterFamily, Future<?>> stuck = new HashMap<>();
  private ExecutorService thread = newThread();

  /**
   * @param limit how long one round of readings may take before the family at hand is left behind
   */
  FamilyReader(Duration limit) {
    this.limit = limit;
  }

  /** What each family found, or why it found nothing. */
  Map<MeterFamily, Outcome> read(List<MeterFamily> families) {
    Map<MeterFamily, Outcome> outcomes = new LinkedHashMap<>();
    List<MeterFamily> rest = new ArrayList<>();
    stuck.values().removeIf(Future::isDone);
    for (MeterFamily family : families) {
      if (stuck.containsKey(family)) {
        outcomes.put(family, hanging());
      } else {
        rest.add(family);
      }
    }
    while (!rest.isEmpty()) {
      Round round = new Round(rest);
      Future<?> run = thread.submit(round);
      boolean inTime = waitFor(run);
      MeterFamily late = round.leave();
      outcomes.putAll(round.outcomes);
      if (inTime || late == null) {
        break;
      }
      outcomes.put(late, hanging());
      stuck.put(late, run);
      thread.shutdownNow();
      thread = newThread();
      rest = rest.subList(rest.indexOf(late) + 1, rest.size());
    }
    return outcomes;
  }

  private boolean waitFor(Future<?> run) {
    try {
      run.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
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

  private Outcome hanging() {
    return new Outcome(
        new Reading(), new TimeoutException("no answer within " + limit.toMillis() + " ms"));
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
   * @param failure null when the family was read
   */
  record Outcome(Reading reading, Throwable failure) {}

  private static final class Round implements Runnable {
    private final List<MeterFamily> families;
    private final Map<MeterFamily, Outcome> outcomes = new LinkedHashMap<>();
    private MeterFamily current;
    private boolean left;

    Round(List<MeterFamily> families) {
      this.families = families;
    }

    @Override
    public void run() {
      for (MeterFamily family : families) {
        if (!begin(family)) {
          return;
        }
        end(family, outcome(family));
      }
    }

    /** Takes no more outcomes; answers which family is being read, if any is. */
    synchronized MeterFamily leave() {
      left = true;
      return current;
    }

    private synchronized boolean begin(MeterFamily family) {
      current = left ? null : family;
      return !left;
    }

    private synchronized void end(MeterFamily family, Outcome outcome) {
      if (!left) {
        outcomes.put(family, outcome);
        current = null;
      }
    }

    private static Outcome outcome(MeterFamily family) {
      Reading reading = new Reading();
      try {
        family.read(reading);
        return new Outcome(reading, null);
      } catch (Exception | LinkageError e) {
        // A native library that is missing is a LinkageError.
        return new Outcome(new Reading(), e);
      }
    }
  }
}
