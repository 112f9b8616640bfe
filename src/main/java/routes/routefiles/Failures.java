package routes.routefiles;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeFailedEvent;
import org.apache.camel.spi.CamelEvent.ExchangeFailureHandlingEvent;
import org.apache.camel.support.EventNotifierSupport;

/** Records why exchanges fail, even if an {@code onException} handles the failure. */
final class Failures extends EventNotifierSupport {
  /** By exchange, because a failure that is not handled is reported twice. */
  private final Map<String, String> failures = new LinkedHashMap<>();

  @Override
  public synchronized void notify(CamelEvent event) {
    if (event instanceof ExchangeFailureHandlingEvent failing) {
      record(failing.getExchange());
    } else if (event instanceof ExchangeFailedEvent failed) {
      record(failed.getExchange());
    }
  }

  private void record(Exchange exchange) {
    Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    Throwable thrown = exchange.getException() == null ? caught : exchange.getException();
    if (thrown != null) {
      failures.putIfAbsent(exchange.getExchangeId(), step(exchange) + text(thrown));
    }
  }

  private static String step(Exchange exchange) {
    ExchangeExtension extension = exchange.getExchangeExtension();
    String id = extension.getHistoryNodeId();
    String source = extension.getHistoryNodeSource();
    return id == null ? "" : "step " + id + (source == null ? "" : " (" + source + ")") + ": ";
  }

  /** The innermost message in one line, because Camel's own messages quote the whole exchange. */
  private static String text(Throwable thrown) {
    String text = "";
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
    return text.strip().replaceAll("\\s+", " ");
  }

  /** The failures since the last call. */
  synchronized List<String> take() {
    List<String> taken = List.copyOf(failures.values());
    failures.clear();
    return taken;
  }
}
