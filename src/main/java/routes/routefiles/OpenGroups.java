package routes.routefiles;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Expression;
import org.apache.camel.processor.aggregate.AggregateProcessor;

/**
 * Completes the groups of {@code aggregate} steps whose {@code completionTimeout} has passed. Camel
 * compares such timeouts with the system's clock, which a test cannot advance.
 */
final class OpenGroups {
  private record Group(AggregateProcessor step, String key) {}

  private record Timeout(String state, Future<?> task) {}

  private final CamelContext context;
  private final SteppedScheduler scheduler;
  private final List<AggregateProcessor> steps;
  private final Map<Group, Timeout> timeouts = new HashMap<>();

  OpenGroups(CamelContext context, SteppedScheduler scheduler, List<AggregateProcessor> steps) {
    this.context = context;
    this.scheduler = scheduler;
    this.steps = steps;
  }

  /** Restarts the timeout of each group that has received a message. */
  void update() {
    for (AggregateProcessor step : steps) {
      for (String key : new ArrayList<>(step.getAggregationRepository().getKeys())) {
        Exchange exchange = step.getAggregationRepository().get(context, key);
        if (exchange != null) {
          update(new Group(step, key), exchange);
        }
      }
    }
  }

  private void update(Group group, Exchange exchange) {
    String state =
        exchange.getExchangeId() + " " + exchange.getProperty(ExchangePropertyKey.AGGREGATED_SIZE);
    Timeout before = timeouts.get(group);
    long millis = millis(group.step(), exchange);
    if (millis <= 0 || before != null && before.state().equals(state)) {
      return;
    }
    if (before != null) {
      before.task().cancel(false);
    }
    timeouts.put(
        group,
        new Timeout(
            state,
            scheduler.schedule(
                () -> group.step().forceCompletionOfGroup(group.key()),
                millis,
                TimeUnit.MILLISECONDS)));
  }

  private static long millis(AggregateProcessor step, Exchange exchange) {
    Expression expression = step.getCompletionTimeoutExpression();
    Long millis = expression == null ? null : expression.evaluate(exchange, Long.class);
    return millis != null && millis > 0 ? millis : step.getCompletionTimeout();
  }
}
