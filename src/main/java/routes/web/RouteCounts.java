package routes.web;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/**
 * Counts the exchanges of each route since the process started. Camel counts them only with JMX,
 * which takes several megabytes.
 */
public final class RouteCounts implements RoutePolicyFactory {
  /** The exchanges of a route. */
  static final class Count {
    private final RecentCount done = new RecentCount(System::nanoTime);
    private final RecentCount failed = new RecentCount(System::nanoTime);

    RecentCount done() {
      return done;
    }

    RecentCount failed() {
      return failed;
    }
  }

  private final Map<String, Count> counts = new ConcurrentHashMap<>();

  /** The counts of the context's routes. */
  public static RouteCounts of(CamelContext context) {
    return context.getRoutePolicyFactories().stream()
        .filter(RouteCounts.class::isInstance)
        .map(RouteCounts.class::cast)
        .findFirst()
        .orElseGet(RouteCounts::new);
  }

  /** Exchanges of a route that succeeded since the process started. */
  public long done(String routeId) {
    return of(routeId).done.total();
  }

  /** Exchanges of a route that failed since the process started. */
  public long failed(String routeId) {
    return of(routeId).failed.total();
  }

  /** The counts of a route, also of one that has been reloaded. */
  Count of(String routeId) {
    return counts.computeIfAbsent(routeId, id -> new Count());
  }

  @Override
  public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
    Count count = of(routeId);
    return new RoutePolicySupport() {
      @Override
      public void onExchangeDone(Route counted, Exchange exchange) {
        (exchange.isFailed() ? count.failed : count.done).add();
      }
    };
  }
}
