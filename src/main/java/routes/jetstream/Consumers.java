package routes.jetstream;

import java.util.Comparator;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;

/** The consumers of the routes that take messages from {@code jetstream:}. */
public final class Consumers {
  private Consumers() {}

  /** All of them, sorted by route id. */
  public static List<JetStreamConsumer> of(CamelContext context) {
    return context.getRoutes().stream()
        .sorted(Comparator.comparing(Route::getRouteId))
        .map(Route::getConsumer)
        .filter(JetStreamConsumer.class::isInstance)
        .map(JetStreamConsumer.class::cast)
        .toList();
  }
}
