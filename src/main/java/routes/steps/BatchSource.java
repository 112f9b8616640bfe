package routes.steps;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;
import routes.jetstream.JetStreamConstants;
import routes.jetstream.JetStreamConsumer;
import routes.jetstream.JetStreamEndpoint;

/** What a batch depends on in the source of its messages. */
final class BatchSource {
  private BatchSource() {}

  /** With this many messages held, no further message would arrive. */
  static int inFlight(Exchange exchange) {
    return exchange.getFromEndpoint() instanceof JetStreamEndpoint source
        ? source.getInFlight()
        : Integer.MAX_VALUE;
  }

  /** Messages of a refused batch are sent alone, so that only the refused message fails. */
  static boolean isRefused(Exchange exchange) {
    return exchange.getMessage().getHeader(JetStreamConstants.REFUSED, 0, Integer.class) > 0;
  }

  /** Whether the route of a message stops, and no other message arrives. */
  static boolean isStopping(CamelContext context, Exchange exchange) {
    Route route = context.getRoute(exchange.getFromRouteId());
    if (route == null) {
      return true;
    }
    return route.getConsumer() instanceof JetStreamConsumer consumer
        ? consumer.isRetired()
        : route.getConsumer() instanceof StatefulService source && !source.isStarted();
  }
}
