package routes.jetstream;

import java.util.Comparator;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;

/** The routes that take messages from the bus by {@code jetstream:}. */
public final class Consumers {
  private Consumers() {}

  /** Their consumers, by route id. */
  public static List<JetStreamConsumer> of(CamelContext context) {
    return context.getRoutes().stream()
        .sorted(Comparator.comparing(Route::getRouteId))
        .map(Route::getConsumer)
        .filter(JetStreamConsumer.class::isInstance)
        .map(JetStreamConsumer.class::cast)
        .toList();
  }
}
