package routes.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import routes.timer.SteadyTimerConsumer;

/** Readiness of the collectors: DOWN while one of them has not taken a sample for three periods. */
final class CollectorsHealthCheck extends AbstractHealthCheck {
  CollectorsHealthCheck() {
    super("cloud-iot-routes", "collectors");
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<String> overdue = new ArrayList<>();
    for (Route route : getCamelContext().getRoutes()) {
      if ("collectors".equals(route.getGroup())
          && route.getConsumer() instanceof SteadyTimerConsumer timer) {
        timer.overdue().ifPresent(reason -> overdue.add(route.getRouteId() + ": " + reason));
      }
    }
    if (overdue.isEmpty()) {
      builder.up();
    } else {
      builder.message(String.join(", ", overdue)).down();
    }
  }
}
