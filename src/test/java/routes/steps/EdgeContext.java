package routes.steps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.apache.camel.spi.Language;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.log.FailedStep;
import routes.routefiles.ExactNumbers;
import routes.routefiles.StrictJq;

/** A Camel context with bus, steps and jq that runs route files for the device "test". */
final class EdgeContext implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final BusContext bus;
  private final NatsServer nats;
  private final List<Dispatcher> dispatchers = new CopyOnWriteArrayList<>();

  EdgeContext(NatsServer nats) throws Exception {
    this.nats = nats;
    bus = new BusContext(nats, "device.id", "test");
    ExactNumbers.useIn(bus.camel);
    bus.camel.getRegistry().bind("failed-step", new FailedStep());
    bus.camel.getRegistry().bind("jq-language", Language.class, () -> new StrictJq());
    new StepsConfiguration().configure(bus.camel);
    load(Path.of("routes-yaml/on-error.camel.yaml"), text -> text);
  }

  /** A recipe with shortened times. */
  EdgeContext recipe(String name, UnaryOperator<String> edit) throws Exception {
    load(Path.of("recipes", name + ".camel.yaml"), edit);
    return this;
  }

  private void load(Path file, UnaryOperator<String> edit) throws Exception {
    String text = Files.readString(file);
    PluginHelper.getRoutesLoader(bus.camel)
        .loadRoutes(ResourceHelper.fromString("file:" + file, edit.apply(text)));
  }

  EdgeContext start() {
    bus.start();
    bus.awaitStreams();
    return this;
  }

  void publish(String subject, String payload) throws Exception {
    nats.connection().jetStream().publish(subject, payload.getBytes(StandardCharsets.UTF_8));
  }

  /** A sample with this utilization of the processor, any JSON. */
  void sample(String utilization) throws Exception {
    publish(
        "telemetry.test.metrics",
        "{\"metrics\":{\"system\":{\"cpu\":{\"utilization\":" + utilization + "}}}}");
  }

  /** The messages of a subject in the stream TELEMETRY. */
  List<JsonNode> stored(String subject) throws Exception {
    List<JsonNode> found = new CopyOnWriteArrayList<>();
    var streams = nats.connection().jetStreamManagement();
    var state = streams.getStreamInfo("TELEMETRY").getStreamState();
    for (long i = Math.max(1, state.getFirstSequence()); i <= state.getLastSequence(); i++) {
      var message = streams.getMessage("TELEMETRY", i);
      if (message.getSubject().equals(subject)) {
        byte[] body = message.getData(); // null if it is empty
        found.add(json(body == null ? new byte[0] : body));
      }
    }
    return found;
  }

  /** The bodies that arrive on a plain subject from now on. */
  List<String> subscribe(String subject) throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    Dispatcher dispatcher =
        nats.connection()
            .createDispatcher(
                (Message m) -> bodies.add(new String(m.getData(), StandardCharsets.UTF_8)));
    dispatcher.subscribe(subject);
    nats.connection().flush(Duration.ofSeconds(5));
    dispatchers.add(dispatcher);
    return bodies;
  }

  /** Whether a route has acknowledged everything. */
  boolean settled(String route) throws Exception {
    ConsumerInfo info =
        nats.connection().jetStreamManagement().getConsumerInfo("TELEMETRY", route + "_test");
    return info.getNumPending() == 0 && info.getNumAckPending() == 0;
  }

  /** The number of messages that a route has not acknowledged. */
  long pending(String route) throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getConsumerInfo("TELEMETRY", route + "_test")
        .getNumAckPending();
  }

  long dead() throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getStreamInfo("DEAD")
        .getStreamState()
        .getMsgCount();
  }

  static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }

  @Override
  public void close() {
    bus.close();
  }
}
