package routes.routefiles;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.camel.Endpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import routes.jetstream.ConsumersCommand;
import routes.settings.Settings;

/** The routes that a start would create, without starting anything. */
public record LoadedRoutes(Settings settings, Map<String, Endpoint> sources)
    implements ConsumersCommand.Loaded {
  /**
   * @param more further route files
   * @throws IllegalStateException if the settings or a route file have errors
   */
  public static LoadedRoutes of(IdleRuntime.Parts parts, Function<Settings, List<Path>> more) {
    IdleRuntime runtime = IdleRuntime.of(parts, Map.of());
    if (!runtime.usable() || !runtime.faults().isEmpty()) {
      throw new IllegalStateException("the settings have errors; see check");
    }
    Settings settings = runtime.settings();
    DefaultCamelContext context = (DefaultCamelContext) runtime.context();
    RouteNames included = new RouteNames(settings);
    RouteCheck check = new RouteCheck(context);
    try {
      RouteFolder found = RouteFolder.of(included.directory());
      List<Path> files = new ArrayList<>(found.routeFiles().stream().filter(included).toList());
      files.addAll(more.apply(settings));
      check.check(files);
      boolean wrong = files.stream().anyMatch(file -> !check.faults(file).isEmpty());
      if (found.tooLarge() || wrong || !found.unreadable().isEmpty()) {
        throw new IllegalStateException("the route files have errors; see check");
      }
    } catch (IOException e) {
      throw new IllegalStateException(included.directory() + " cannot be read", e);
    }
    Map<String, Endpoint> sources = new TreeMap<>();
    for (RouteDefinition route : context.getRouteDefinitions()) { // without those that are off
      String uri = context.resolvePropertyPlaceholders(route.getInput().getEndpointUri());
      sources.put(route.getId(), context.getEndpoint(uri));
    }
    return new LoadedRoutes(settings, sources);
  }
}
