package routes.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import routes.host.HostMeters;

/**
 * What the HTTP port shows: beans {@code gateways}, {@code prometheus} and {@code
 * routes-health-check}.
 */
public final class WebConfiguration implements CamelConfiguration {
  @Override
  public void configure(CamelContext context) {
    Registry registry = context.getRegistry();
    registry.bind("gateways", new GatewayStatus(context));
    registry.bind("routes-health-check", new RoutesHealthCheck());
  }

  @BindToRegistry(value = "prometheus", lazy = true)
  public PrometheusScrape prometheus(CamelContext context) {
    Registry registry = context.getRegistry();
    return new PrometheusScrape(
        registry.findSingleByType(PrometheusMeterRegistry.class),
        registry.findSingleByType(HostMeters.class));
  }
}
