package routes.routefiles;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.spi.SupervisingRouteController;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** The routes of the running context, by the files from which they were loaded. */
public final class LiveRoutes {
  private final CamelContext context;

  public LiveRoutes(CamelContext context) {
    this.context = context;
  }

  /** A file as {@link #owners} names it. */
  static Path key(Path file) {
    return file.toAbsolutePath().normalize();
  }

  /** The file of each route, absolute and normalized, by the route's id. */
  public Map<String, Path> owners() {
    Map<String, Path> owners = new HashMap<>();
    for (Route route : routes()) {
      Resource source = route.getSourceResource();
      if (source != null) {
        owners.put(route.getRouteId(), key(RouteFolder.file(source)));
      }
    }
    return owners;
  }

  /** Also those that failed to start, which Camel's controller would start later. */
  private List<Route> routes() {
    List<Route> routes = new ArrayList<>(context.getRoutes());
    if (context.getRouteController() instanceof SupervisingRouteController controller) {
      routes.addAll(controller.getControlledRoutes());
    }
    return routes;
  }

  /**
   * Loads a file's routes in place of those with the same ids, and starts them.
   *
   * @return their ids
   */
  public Set<String> load(Path file, String text) throws Exception {
    RoutesLoader loader = PluginHelper.getRoutesLoader(context);
    Resource resource = ResourceHelper.fromString("file:" + file, text);
    return loader.updateRoutes(List.of(resource));
  }

  /** Stops and removes routes. */
  public void remove(Set<String> ids) throws Exception {
    for (String id : List.copyOf(ids)) {
      context.getRouteController().stopRoute(id);
      if (!context.removeRoute(id)) {
        throw new IllegalStateException("route " + id + " could not be stopped");
      }
    }
  }
}
