package routes.routefiles;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Component;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.ComponentResolver;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PluginHelper;
import routes.bus.Bus;
import routes.commands.CommandTarget;
import routes.routefiles.RecordedMessages.Sent;
import routes.settings.Settings;
import routes.uplink.Reply;

/** Replaces components that would connect to anything, and the beans that send to NATS. */
final class StandIns {
  /** Components that are not replaced, because they connect to nothing. */
  private static final Set<String> LOCAL =
      Set.of("alert", "batch", "bean", "class", "deadband", "log", "micrometer");

  private static final String NATS = "nats:";
  private static final String BEAN = "-component";

  private final RecordedMessages messages;

  private StandIns(RecordedMessages messages) {
    this.messages = messages;
  }

  static void useIn(DefaultCamelContext context, RecordedMessages messages) {
    StandIns standIns = new StandIns(messages);
    standIns.replaceComponents(context);
    Registry registry = context.getRegistry();
    registry.lookupByNameAndType("bus", Bus.class).standIn();
    String device = new Settings(context).require("device.id", "this device's id");
    CommandTarget target =
        (name, payload, patient, begin) -> {
          begin.run();
          String subject = NATS + "commands." + device + "." + name;
          return CompletableFuture.completedFuture(standIns.answer(subject, payload));
        };
    registry.bind("command-target", CommandTarget.class, target);
    Processor desired = exchange -> messages.record(NATS + "desired." + device, exchange);
    replace(registry, "desired", desired);
  }

  private void replaceComponents(DefaultCamelContext context) {
    Registry registry = context.getRegistry();
    registry
        .findByTypeWithName(Component.class)
        .forEach((bean, real) -> replace(registry, bean, standIn(bean.replace(BEAN, ""), real)));
    ComponentResolver real = PluginHelper.getComponentResolver(context);
    ComponentResolver recorded = (name, camel) -> standIn(name, real.resolveComponent(name, camel));
    context.getCamelContextExtension().addContextPlugin(ComponentResolver.class, recorded);
    for (String name : List.copyOf(context.getComponentNames())) {
      context.removeComponent(name); // resolved again on use
    }
  }

  private Component standIn(String name, Component real) {
    return real == null || LOCAL.contains(name) ? real : new RecordedComponent(real, messages);
  }

  /** Unbinds the name first, because a registry keeps beans of different classes under one name. */
  private static void replace(Registry registry, String name, Object bean) {
    registry.unbind(name);
    registry.bind(name, bean);
  }

  private Reply answer(String subject, byte[] payload) {
    String body = new String(payload, StandardCharsets.UTF_8);
    String reply = messages.record(new Sent(subject, body, Map.of()));
    return reply == null
        ? Reply.refusal(404, "nothing on this device responds to this command")
        : Reply.of(reply.getBytes(StandardCharsets.UTF_8));
  }
}
