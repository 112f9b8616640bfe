package routes.web;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import routes.jetstream.JetStreamConsumer;
import routes.uplink.Gateway;

/**
 * Readiness of a gateway: UP while it is connected, may publish and has a route that takes messages
 * from the bus, or while another replica is active; otherwise DOWN with the reason.
 */
public final class GatewayHealthCheck extends AbstractHealthCheck {
  private final Gateway gateway;

  public GatewayHealthCheck(Gateway gateway) {
    super("gateways", "gateway-" + gateway.name());
    this.gateway = gateway;
  }

  /** An unavailable cloud is no reason to restart the process. */
  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<JetStreamConsumer> routes = GatewayStatus.routes(getCamelContext(), gateway);
    if (routes.isEmpty()) {
      builder
          .message("no route forwards to it; add gateway-" + gateway.name() + ".camel.yaml")
          .down();
      return;
    }
    builder.detail("since", gateway.since().toString());
    builder.detail("reconnects", gateway.reconnects());
    if (gateway.standby()) {
      builder.message(gateway.lastError().orElse("standby")).up();
    } else if (!gateway.connected()) {
      builder.message(gateway.lastError().orElse("not connected yet")).down();
    } else {
      builder.up();
      routes.stream()
          .flatMap(route -> route.problem().stream())
          .findFirst()
          .or(gateway::forbidden)
          .ifPresent(reason -> builder.message(reason).down());
    }
  }
}
