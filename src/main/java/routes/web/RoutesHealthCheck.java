package routes.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.spi.SupervisingRouteController;

/**
 * Readiness of the routes: DOWN while any of them has not started. Camel 4.17's own checks report
 * UP for a route that never started.
 */
final class RoutesHealthCheck extends AbstractHealthCheck {
  public RoutesHealthCheck() {
    super("cloud-iot-routes", "routes");
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<String> waiting = new ArrayList<>();
    if (getCamelContext().getRouteController().isStartingRoutes()) {
      waiting.add("routes are starting"); // one by one, after the context
    }
    for (Route route : getCamelContext().getRoutes()) {
      String id = route.getRouteId();
      ServiceStatus status = getCamelContext().getRouteController().getRouteStatus(id);
      if (status != ServiceStatus.Started) {
        waiting.add(
            id
                + " is "
                + (status == null ? "not started" : status.name().toLowerCase(Locale.ROOT)));
      }
    }
    if (getCamelContext().getRouteController() instanceof SupervisingRouteController controller) {
      for (Route route : controller.getRestartingRoutes()) {
        String id = route.getRouteId();
        if (getCamelContext().getRoute(id) == null) { // it failed before Camel counted it
          waiting.add(id + " cannot start");
        }
      }
    }
    if (waiting.isEmpty()) {
      builder.up();
    } else {
      builder.message(String.join(", ", waiting)).down();
    }
  }
}
