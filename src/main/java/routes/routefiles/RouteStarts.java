package routes.routefiles;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Route;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.EventNotifierSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.Settings;

/**
 * Logs each route that cannot start, once per reason, with its file and line if they are known.
 * Camel's controller keeps trying; its own lines name neither.
 */
public final class RouteStarts extends EventNotifierSupport {
  private static final Logger LOG = LoggerFactory.getLogger(RouteStarts.class);

  private final Map<String, String> reasons = new ConcurrentHashMap<>();

  public RouteStarts() {
    setIgnoreExchangeEvents(true);
    setIgnoreExchangeAsyncProcessingStartedEvents(true);
    setIgnoreCamelContextEvents(true);
    setIgnoreCamelContextInitEvents(true);
    setIgnoreServiceEvents(true);
    setIgnoreStepEvents(true);
  }

  @Override
  public void notify(CamelEvent event) {
    if (event instanceof CamelEvent.RouteRestartingFailureEvent failure) {
      // A first failure after an edit is the edit's own.
      if (failure.getAttempt() > 0) {
        failed(failure.getRoute(), failure.getCause());
      }
    } else if (event instanceof CamelEvent.RouteStartedEvent started) {
      String id = started.getRoute().getRouteId();
      if (reasons.remove(id) != null) {
        LOG.info("route {} has started", id);
      }
    } else if (event instanceof CamelEvent.RouteRemovedEvent removed) {
      reasons.remove(removed.getRoute().getRouteId());
    }
  }

  private void failed(Route route, Throwable cause) {
    Fault fault = Fault.of(cause, file(route), new KnownWords(getCamelContext()));
    if (!fault.toString().equals(reasons.put(route.getRouteId(), fault.toString()))) {
      LOG.warn("route {} cannot start, trying again: {}", route.getRouteId(), fault);
    }
  }

  private Path file(Route route) {
    Resource source = route.getSourceResource();
    return source == null
        ? Path.of(new Settings(getCamelContext()).require("routes.directory", "the route files"))
        : RouteFolder.file(source);
  }
}
