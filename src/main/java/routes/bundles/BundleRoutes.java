package routes.bundles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.SupervisingRouteController;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import routes.settings.Settings;

/**
 * The routes of the bundle in use, in the running context. The device's own routes keep running.
 */
final class BundleRoutes {
  static final String SUFFIX = ".camel.yaml";

  private final CamelContext context;
  private final BundleFolder folder;

  BundleRoutes(CamelContext context, BundleFolder folder) {
    this.context = context;
    this.folder = folder;
  }

  /** The ids of a bundle's routes that are loaded, started or not. */
  Set<String> ids(int version) {
    String place = "file:" + folder.of(version) + "/";
    Set<String> ids = new TreeSet<>();
    List<Route> routes = new ArrayList<>(context.getRoutes());
    if (context.getRouteController() instanceof SupervisingRouteController controller) {
      routes.addAll(controller.getControlledRoutes());
    }
    for (Route route : routes) {
      Resource source = route.getSourceResource();
      if (source != null && source.getLocation().startsWith(place)) {
        ids.add(route.getRouteId());
      }
    }
    return ids;
  }

  /**
   * Replaces the routes and settings of one bundle by those of another.
   *
   * @param from the version in use; 0 for none
   * @param to the version to use; 0 for none
   * @throws Exception if a route cannot be stopped, loaded or started; some are then replaced and
   *     others are not
   */
  void swap(int from, int to) throws Exception {
    Map<String, String> old = settings(from);
    Map<String, String> fresh = settings(to);
    if (from > 0) {
      for (String id : ids(from)) {
        context.getRouteController().stopRoute(id);
        if (!context.removeRoute(id)) {
          throw new IllegalStateException("route " + id + " could not be stopped");
        }
      }
    }
    Settings settings = new Settings(context);
    old.keySet().forEach(key -> settings.override(key, null));
    fresh.forEach(settings::override);
    for (Path file : folder.files(to, SUFFIX)) {
      Resource resource = ResourceHelper.fromString("file:" + file, Files.readString(file));
      PluginHelper.getRoutesLoader(context).updateRoutes(List.of(resource));
    }
  }

  private Map<String, String> settings(int version) throws IOException, BundleException {
    return version == 0 ? Map.of() : BundleSettings.of(folder.of(version));
  }
}
