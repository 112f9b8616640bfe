package routes.link;

import java.util.Collection;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.component.paho.PahoEndpoint;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Endpoint;
import org.apache.camel.support.LifecycleStrategySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the subscriptions of a route that is removed, as by an edit of its file. Stock endpoints
 * leave those of a shared client as they are, and the route would go on running commands.
 */
final class RemovedRoutes extends LifecycleStrategySupport {
  private static final Logger LOG = LoggerFactory.getLogger(RemovedRoutes.class);

  private final CamelContext context;
  private final DeviceClient client;

  RemovedRoutes(CamelContext context, DeviceClient client) {
    this.context = context;
    this.client = client;
  }

  @Override
  public void onRoutesRemove(Collection<Route> routes) {
    // In the end the connection goes as a whole; a session that is kept keeps its subscriptions.
    if (context.getStatus().isStarted()) {
      for (Route route : routes) {
        filters(route.getEndpoint()).ifPresent(this::unsubscribe);
      }
    }
  }

  private Optional<String> filters(Endpoint endpoint) {
    if (endpoint instanceof PahoEndpoint paho && paho.getClient() == client) {
      return Optional.of(paho.getTopic());
    }
    if (endpoint instanceof PahoMqtt5Endpoint paho && paho.getClient() == client) {
      return Optional.of(paho.getTopic());
    }
    return Optional.empty();
  }

  private void unsubscribe(String filters) {
    try {
      client.unsubscribe(filters);
    } catch (Exception e) {
      LOG.debug("no UNSUBSCRIBE from {}", filters, e);
    }
  }
}
