package routes.bundles;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import routes.web.RouteCounts;

/**
 * The time in which a new bundle has to prove itself: whatever was healthy before it stays healthy
 * (gateways, samples, routes), and its routes do not fail with each message.
 */
final class Probation {
  private static final long SECOND = 1_000_000_000L;

  /** Failures in a row, from the start, after which a route is useless. */
  private static final int MOST_FAILURES = 10;

  /** A route's messages since a moment. */
  private record Trial(RouteCounts.Count count, long messages, long failed) {
    static Trial of(RouteCounts.Count count) {
      return new Trial(count, count.messages(), count.failures());
    }

    long failures() {
      return count.failures() - failed;
    }

    long successes() {
      return count.messages() - messages - failures();
    }
  }

  private final CamelContext context;
  private final Duration time;

  Probation(CamelContext context, Duration time) {
    this.context = context;
    this.time = time;
  }

  /** The ids of the readiness checks that are UP. */
  List<String> up() {
    return HealthCheckHelper.invokeReadiness(context).stream()
        .filter(result -> result.getState() == HealthCheck.State.UP)
        .map(result -> result.getCheck().getId())
        .sorted()
        .toList();
  }

  /**
   * Returns once the time has passed and everything is healthy.
   *
   * @param healthy the checks that were UP before
   * @param routes the bundle's routes
   * @throws BundleException as soon as something is wrong
   */
  void watch(List<String> healthy, Set<String> routes)
      throws BundleException, InterruptedException {
    Map<String, Trial> trials = new HashMap<>();
    RouteCounts.of(context)
        .ifPresent(counts -> routes.forEach(id -> trials.put(id, Trial.of(counts.of(id)))));
    Map<String, Long> down = new HashMap<>();
    long end = System.nanoTime() + time.toNanos();
    boolean last = false;
    while (!last || !down.isEmpty()) {
      TimeUnit.NANOSECONDS.sleep(
          last ? SECOND : Math.min(SECOND, Math.max(0, end - System.nanoTime())));
      last = System.nanoTime() - end >= 0;
      for (Map.Entry<String, Trial> trial : trials.entrySet()) {
        long failures = trial.getValue().failures();
        if (failures >= (last ? 1 : MOST_FAILURES) && trial.getValue().successes() == 0) {
          throw new BundleException(
              "route " + trial.getKey() + " failed with each of " + failures + " messages");
        }
      }
      checkHealth(healthy, down);
    }
  }

  /** An outage of a cloud or of NATS that ends within the time is not the bundle's fault. */
  private void checkHealth(List<String> healthy, Map<String, Long> down) throws BundleException {
    for (HealthCheck.Result result : HealthCheckHelper.invokeReadiness(context)) {
      String id = result.getCheck().getId();
      if (result.getState() != HealthCheck.State.DOWN || !healthy.contains(id)) {
        down.remove(id);
        continue;
      }
      long since = down.computeIfAbsent(id, key -> System.nanoTime());
      if (System.nanoTime() - since > time.toNanos()) {
        throw new BundleException(
            id + " is not ready any more: " + result.getMessage().orElse("no reason given"));
      }
    }
  }
}
