package routes.web;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/**
 * Counts the exchanges of each route since the process started. Camel counts them only with JMX,
 * which takes several megabytes.
 */
public final class RouteCounts implements RoutePolicyFactory {
  private static final int LONGEST = 1000;

  /**
   * A failure of a route's message.
   *
   * @param text the message of the exception
   */
  public record Failure(Instant at, String text) {}

  /** The exchanges of a route. */
  public static final class Count {
    private final RecentCount done = new RecentCount(System::nanoTime);
    private final RecentCount failed = new RecentCount(System::nanoTime);
    private final LongAdder failures = new LongAdder();
    private volatile Failure lastError;

    RecentCount done() {
      return done;
    }

    /** How many exchanges ended. */
    public long messages() {
      return done.total() + failed.total();
    }

    /** How many of them failed, also those that an onException handled. */
    public long failures() {
      return failures.sum();
    }

    /** The last failure; null if there was none. */
    public Failure lastError() {
      return lastError;
    }

    private void failed(Throwable why) {
      failures.increment();
      lastError = new Failure(Instant.now(), text(why));
    }

    RecentCount failed() {
      return failed;
    }
  }

  private final Map<String, Count> counts = new ConcurrentHashMap<>();

  /** The counts of the context's routes; empty if it counts nothing. */
  public static Optional<RouteCounts> of(CamelContext context) {
    return context.getRoutePolicyFactories().stream()
        .filter(RouteCounts.class::isInstance)
        .map(RouteCounts.class::cast)
        .findFirst();
  }

  /** The counts of a route, also of one that has been reloaded. */
  public Count of(String routeId) {
    return counts.computeIfAbsent(routeId, id -> new Count());
  }

  /** A route's state, such as started; not started if Camel has none. */
  public static String state(CamelContext context, String routeId) {
    ServiceStatus status = context.getRouteController().getRouteStatus(routeId);
    return status == null ? "not started" : status.name().toLowerCase(Locale.ROOT);
  }

  /** The message of an exception, or else its name. */
  public static String text(Throwable why) {
    String text = why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
    return text.substring(0, Math.min(text.length(), LONGEST));
  }

  @Override
  public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
    Count count = of(routeId);
    return new RoutePolicySupport() {
      @Override
      public void onExchangeDone(Route counted, Exchange exchange) {
        (exchange.isFailed() ? count.failed : count.done).add();
        Throwable why =
            exchange.getException() == null && exchange.getExchangeExtension().isFailureHandled()
                ? exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)
                : exchange.getException();
        if (why != null) {
          count.failed(why);
        }
      }
    };
  }
}
