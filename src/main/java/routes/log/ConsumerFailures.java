package routes.log;

import java.util.Collection;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.LoggingExceptionHandler;
import org.slf4j.LoggerFactory;

/**
 * Logs what fails in a consumer under its route's name, at most once per minute and reason. Camel's
 * own handler would log each exchange, also after {@link FailureLog} has logged it.
 */
public final class ConsumerFailures extends LifecycleStrategySupport {
  /** Routes that name an exception handler of their own keep it. */
  @Override
  public void onRoutesAdd(Collection<Route> routes) {
    for (Route route : routes) {
      if (route.getConsumer() instanceof DefaultConsumer consumer
          && consumer.getExceptionHandler() instanceof LoggingExceptionHandler) {
        consumer.setExceptionHandler(new Quiet(route.getRouteId()));
      }
    }
  }

  private static final class Quiet implements ExceptionHandler {
    private final RateLimitedLog log;

    Quiet(String route) {
      log = new RateLimitedLog(LoggerFactory.getLogger(route));
    }

    @Override
    public void handleException(Throwable failure) {
      handleException(null, null, failure);
    }

    @Override
    public void handleException(String message, Throwable failure) {
      handleException(message, null, failure);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable failure) {
      boolean logged =
          exchange != null && exchange.getProperty(FailureLog.LOGGED, Boolean.class) != null;
      if (logged || Announced.isIn(failure)) {
        return;
      }
      String text = failure == null ? null : failure.getMessage();
      String reason = text == null ? String.valueOf(failure) : text;
      log.warn(message == null || exchange != null ? reason : message + ": " + reason);
    }
  }
}
