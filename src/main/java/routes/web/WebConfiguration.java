package routes.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.host.HostMeters;
import routes.log.Loops;

/** What the HTTP port shows: beans {@code gateways} and {@code prometheus}, and health checks. */
public final class WebConfiguration implements CamelConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(WebConfiguration.class);

  @Override
  public void configure(CamelContext context) {
    Registry registry = context.getRegistry();
    registry.bind("gateways", new GatewayStatus(context));
    registry.bind("routes-health-check", new RoutesHealthCheck());
    registry.bind("collectors-health-check", new CollectorsHealthCheck());
    registry.bind("loops-health-check", new LoopsHealthCheck());
    try {
      context.addStartupListener((started, already) -> watchHttp(started));
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  /** Vert.x logs what escapes from its event loops, and goes on. */
  private static void watchHttp(CamelContext context) {
    for (VertxPlatformHttpRouter router :
        context.getRegistry().findByType(VertxPlatformHttpRouter.class)) {
      router
          .vertx()
          .exceptionHandler(
              thrown -> {
                if (thrown instanceof Error) {
                  Loops.failed("http", thrown);
                } else {
                  LOG.warn("http: {}", thrown.toString(), thrown);
                }
              });
    }
  }

  @BindToRegistry(value = "prometheus", lazy = true)
  public PrometheusScrape prometheus(CamelContext context) {
    Registry registry = context.getRegistry();
    return new PrometheusScrape(
        registry.findSingleByType(PrometheusMeterRegistry.class),
        registry.findSingleByType(HostMeters.class));
  }
}
