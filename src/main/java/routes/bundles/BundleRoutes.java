package routes.bundles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import routes.routefiles.LiveRoutes;
import routes.settings.Settings;

/**
 * The routes of the bundle in use, in the running context. The device's own routes keep running.
 */
final class BundleRoutes {
  static final String SUFFIX = ".camel.yaml";

  private final CamelContext context;
  private final LiveRoutes routes;
  private final BundleFolder folder;

  BundleRoutes(CamelContext context, BundleFolder folder) {
    this.context = context;
    this.routes = new LiveRoutes(context);
    this.folder = folder;
  }

  /** The ids of a bundle's routes that are loaded, started or not. */
  Set<String> ids(int version) {
    Map<String, Path> owners = routes.owners();
    owners.values().removeIf(file -> !file.startsWith(folder.of(version).normalize()));
    return owners.keySet();
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
      routes.remove(ids(from));
    }
    Settings settings = new Settings(context);
    old.keySet().forEach(key -> settings.override(key, null));
    fresh.forEach(settings::override);
    for (Path file : folder.files(to, SUFFIX)) {
      routes.load(file, Files.readString(file));
    }
  }

  private Map<String, String> settings(int version) throws IOException, BundleException {
    return version == 0 ? Map.of() : BundleSettings.of(folder.of(version));
  }
}
