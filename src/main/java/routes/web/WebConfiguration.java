package routes.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxOptions;
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

/**
 * The beans behind the HTTP port, {@code gateways}, {@code page} and {@code prometheus}, health
 * checks, what the page loads, and the number of threads for HTTP.
 */
public final class WebConfiguration implements CamelConfiguration {
  /** Requests that are answered at once; Vert.x keeps each of its threads, by default 20. */
  private static final int WORKERS = 6;

  private static final Logger LOG = LoggerFactory.getLogger("http");

  @Override
  public void configure(CamelContext context) {
    Registry registry = context.getRegistry();
    registry.bind("gateways", new GatewayStatus(context));
    registry.bind("routes-health-check", new RoutesHealthCheck());
    registry.bind("collectors-health-check", new CollectorsHealthCheck());
    registry.bind("loops-health-check", new LoopsHealthCheck());
    registry.bind(
        "vertx-options", new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(WORKERS));
    RouteCounts counts = new RouteCounts();
    context.addRoutePolicyFactory(counts);
    PageParts parts = new PageParts(context, counts);
    registry.bind("page", Page.class, parts::page);
    try {
      context.addStartupListener(
          (started, already) -> {
            for (VertxPlatformHttpRouter router :
                registry.findByType(VertxPlatformHttpRouter.class)) {
              watchHttp(router);
              parts.serveFrom(router);
            }
          });
    } catch (Exception e) {
      throw RuntimeCamelException.wrapRuntimeCamelException(e);
    }
  }

  /** Reports what escapes from Vert.x' event loops, which Vert.x would only log. */
  private static void watchHttp(VertxPlatformHttpRouter router) {
    router
        .vertx()
        .exceptionHandler(
            thrown -> {
              if (thrown instanceof Error) {
                Loops.failed("http", thrown);
              } else {
                LOG.warn("{}", thrown.toString(), thrown);
              }
            });
  }

  @BindToRegistry(value = "prometheus", lazy = true)
  public PrometheusScrape prometheus(CamelContext context) {
    Registry registry = context.getRegistry();
    return new PrometheusScrape(
        registry.findSingleByType(PrometheusMeterRegistry.class),
        registry.findSingleByType(HostMeters.class));
  }
}
