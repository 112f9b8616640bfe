package routes.log;

import org.apache.camel.Exchange;
import org.slf4j.LoggerFactory;

/** Says what failed, as the log of its route, without filling it: once a minute for each reason. */
public final class FailureLog {
  private final LogLimit limit = new LogLimit();

  /** For a step of an onException: the exception is the one that was caught. */
  public void warn(Exchange exchange) {
    Exception caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    String text =
        caught.getMessage() == null ? caught.getClass().getSimpleName() : caught.getMessage();
    String route = exchange.getFromRouteId();
    limit.line(route, text).ifPresent(LoggerFactory.getLogger(route)::warn);
  }
}
