package routes.log;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.slf4j.LoggerFactory;

/** Logs why an exchange failed, under its route's name, at most once per minute and reason. */
public final class FailureLog {
  /** Exchange property that is true once the failure needs no further line. */
  static final String LOGGED = "FailureLogged";

  private final Map<String, RateLimitedLog> logs = new ConcurrentHashMap<>();

  /**
   * Logs the exception that an onException caught, and the failed step if {@link FailedStep} has
   * recorded it.
   */
  public void warn(Exchange exchange) {
    exchange.setProperty(LOGGED, true);
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
