package routes.log;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;
import org.apache.camel.Processor;

/**
 * Records which step of a route failed. Used as the {@code onExceptionOccurredRef} of an {@code
 * onException}, because once the handler's steps run, Camel reports those instead.
 */
public final class FailedStep implements Processor {
  /** Exchange property with the {@link Step}. */
  static final String PROPERTY = "FailedStep";

  /**
   * A step of a route.
   *
   * @param id such as setBody1
   * @param label what it does, such as {@code to[nats:telemetry.edge-1.metrics]}
   * @param source file and line, such as collect-metrics.camel.yaml:20
   */
  public record Step(String id, String label, String source) {
    @Override
    public String toString() {
      return "step " + id + " (" + source + ")";
    }
  }

  @Override
  public void process(Exchange exchange) {
    ExchangeExtension extension = exchange.getExchangeExtension();
    exchange.setProperty(
        PROPERTY,
        new Step(
            extension.getHistoryNodeId(),
            String.valueOf(extension.getHistoryNodeLabel()),
            extension.getHistoryNodeSource()));
  }
}
