package routes.bus;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import routes.uplink.Telemetry;

/** Which headers pass between a route and NATS. */
final class BusHeaders extends DefaultHeaderFilterStrategy {
  BusHeaders() {
    setLowerCase(true);
    setInFilterStartsWith("camel", "org.apache.camel.");
    setOutFilterStartsWith("camel", "org.apache.camel.");
  }

  /**
   * Also removes the id of a message from the bus when the route publishes another one as
   * telemetry: the stream would drop it as a duplicate of its source.
   */
  @Override
  public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
    return super.applyFilterToCamelHeaders(name, value, exchange)
        || name.equalsIgnoreCase(Telemetry.MESSAGE_ID)
            && value.equals(exchange.getProperty(Telemetry.SOURCE_ID))
            && exchange
                .getProperty(ExchangePropertyKey.TO_ENDPOINT, "", String.class)
                .contains("telemetry.");
  }
}
