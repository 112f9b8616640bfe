package routes.steps;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.NamedNode;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import routes.jetstream.JetStreamEndpoint;

/**
 * Rejects a route whose steps cannot work with its source: batches that never fill, and alerts that
 * would see messages out of order or share their state. Camel asks this factory for the policy of
 * each route that it creates; the factory provides none.
 */
final class RouteOfSteps implements RoutePolicyFactory {
  @Override
  public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode node) {
    if (node instanceof RouteDefinition route) {
      Collection<ToDefinition> steps =
          ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class);
      Set<String> alerts = new HashSet<>();
      for (ToDefinition step : steps) {
        String uri = step.getEndpointUri();
        if (uri.startsWith("batch") || uri.startsWith("alert")) {
          Endpoint found = endpoint(context, uri);
          if (endpoint(context, route.getInput().getEndpointUri())
              instanceof JetStreamEndpoint source) {
            check(found, source.getInFlight());
          }
          if (found instanceof AlertEndpoint alert && !alerts.add(alert.nameIn(routeId))) {
            throw new IllegalArgumentException(
                "alert: another alert of this route has the name "
                    + alert.nameIn(routeId)
                    + "; set the option name");
          }
        }
      }
    }
    return null;
  }

  private static Endpoint endpoint(CamelContext context, String uri) {
    return context.getEndpoint(context.resolvePropertyPlaceholders(uri));
  }

  private static void check(Endpoint step, int inFlight) {
    if (step instanceof AlertEndpoint && inFlight > 1) {
      throw new IllegalArgumentException(
          "alert: inFlight of jetstream is "
              + inFlight
              + ", which does not keep the order; use inFlight: 1");
    }
    if (step instanceof BatchEndpoint && inFlight == 1) {
      throw new IllegalArgumentException(
          "batch: inFlight of jetstream is 1, so each batch would have one message; raise inFlight");
    }
    if (step instanceof BatchEndpoint batch && batch.getCount() > inFlight) {
      throw new IllegalArgumentException(
          "batch: count is "
              + batch.getCount()
              + "; only "
              + inFlight
              + " messages may be in flight; raise inFlight of jetstream");
    }
  }
}
