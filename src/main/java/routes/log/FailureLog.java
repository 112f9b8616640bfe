package routes.log;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.slf4j.LoggerFactory;

/** Logs why an exchange failed, under the name of its route, at most once per minute and reason. */
public final class FailureLog {
  private final Map<String, RateLimitedLog> logs = new ConcurrentHashMap<>();

  /**
   * For a step of an onException: the exception is the one that was caught. Names the step of the
   * route if {@link FailedStep} has recorded it.
   */
  public void warn(Exchange exchange) {
    Exception caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    if (Announced.isIn(caught)) {
      return;
    }
    String text = caught.getMessage();
    Object step = exchange.getProperty(FailedStep.PROPERTY);
    logs.computeIfAbsent(
            exchange.getFromRouteId(), route -> new RateLimitedLog(LoggerFactory.getLogger(route)))
        .warn(
            (step == null ? "" : step + " failed: ")
                + (text == null ? caught.getClass().getSimpleName() : text));
  }
}
