package routes.web;

import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;

/** Which HTTP paths have a route; a hub, for example, serves no history. */
record Served(CamelContext context) implements Predicate<String> {
  @Override
  public boolean test(String path) {
    return context.getRoutes().stream()
        .anyMatch(
            route ->
                route.getEndpoint() instanceof PlatformHttpEndpoint http
                    && path.equals(http.getPath()));
  }
}
