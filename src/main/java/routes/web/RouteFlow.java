package routes.web;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import routes.jetstream.JetStreamConsumer;
import routes.jetstream.JetStreamEndpoint;

/**
 * How a running route is connected to the bus.
 *
 * @param subject the NATS subject that it publishes to or reads
 * @param publishes whether messages go to the bus; otherwise they come from it
 * @param outside whether its other end is a cloud or broker; otherwise it is on this device
 */
record RouteFlow(Route route, String subject, boolean publishes, boolean outside) {
  private static final Pattern SUBJECT =
      Pattern.compile("nats(?::(?://)?([^?]+))?(?:\\?(?:.*&)?topic=([^&]+))?.*");

  /** Empty for a route without the bus; two for a route that reads the bus and publishes to it. */
  static List<RouteFlow> of(CamelContext context, Route route) {
    RouteDefinition definition =
        context
            .getCamelContextExtension()
            .getContextPlugin(Model.class)
            .getRouteDefinition(route.getRouteId());
    if (definition == null) {
      return List.of();
    }
    List<RouteFlow> flows = new ArrayList<>();
    if (route.getConsumer() instanceof JetStreamConsumer consumer) {
      String read = ((JetStreamEndpoint) route.getEndpoint()).getTopic();
      if (consumer.uplink().isPresent()) {
        return List.of(new RouteFlow(route, read, false, true));
      }
      flows.add(new RouteFlow(route, read, false, false));
    }
    subject(context, definition.getInput().getEndpointUri())
        .ifPresent(read -> flows.add(new RouteFlow(route, read, false, false)));
    boolean outside = definition.getInput().getEndpointUri().startsWith("paho-mqtt5");
    @SuppressWarnings("rawtypes")
    Collection<SendDefinition> sends =
        ProcessorDefinitionHelper.filterTypeInOutputs(
            definition.getOutputs(), SendDefinition.class);
    for (SendDefinition<?> send : sends) {
      Optional<String> to = subject(context, send.getUri());
      if (to.isPresent()) {
        flows.add(new RouteFlow(route, to.get(), true, outside));
        return flows;
      }
    }
    return outside // publishes through the beans commands and desired
        ? List.of(new RouteFlow(route, "commands, desired state", true, true))
        : flows;
  }

  private static Optional<String> subject(CamelContext context, String uri) {
    Matcher match = SUBJECT.matcher(uri == null ? "" : uri);
    if (!match.matches() || match.group(1) == null && match.group(2) == null) {
      return Optional.empty();
    }
    return Optional.of(resolved(context, match.group(1) == null ? match.group(2) : match.group(1)));
  }

  private static String resolved(CamelContext context, String subject) {
    try {
      return context.resolvePropertyPlaceholders(subject);
    } catch (IllegalArgumentException e) {
      return subject;
    }
  }
}
