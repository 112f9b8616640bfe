package routes.jetstream;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import routes.NatsServer;
import routes.bus.Bus;
import routes.bus.BusConfiguration;
import routes.settings.SecretFiles;

/** A Camel context with the bus as the runtime wires it, and methods for tests. */
public final class BusContext implements AutoCloseable {
  public static final String GATEWAY = "gateway-test";
  public static final String DURABLE = "gateway-test_test";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  public final DefaultCamelContext camel = new DefaultCamelContext();
  public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  public final Bus bus;
  private final NatsServer nats;

  /**
   * @param settings key, value, key, value; {@code NATS_PASSWORD_FILE} names a file with the value
   */
  public BusContext(NatsServer nats, String... settings) throws Exception {
    this.nats = nats;
    Properties all = new Properties();
    all.setProperty("nats.servers", nats.url());
    all.setProperty("bus.max-age", "7d");
    all.setProperty("bus.max-bytes", "64MB");
    all.setProperty("dead.after", "5");
    all.setProperty("dead.max-age", "30d");
    all.setProperty("dead.max-bytes", "16MB");
    all.setProperty("reconnect.min", "100ms");
    all.setProperty("reconnect.max", "400ms");
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      if (settings[i].endsWith("_FILE")) {
        files.put(settings[i], settings[i + 1]);
      } else {
        all.setProperty(settings[i], settings[i + 1]);
      }
    }
    camel.getPropertiesComponent().setInitialProperties(all);
    SecretFiles.useIn(camel, files);
    camel.getShutdownStrategy().setTimeout(10);
    BusConfiguration configuration = new BusConfiguration();
    bus = configuration.bus(camel);
    BusConfiguration.filterHeaders(camel);
    camel.getRegistry().bind("bus", bus);
    camel.getRegistry().bind("nats", configuration.nats(camel));
    camel
        .getRegistry()
        .bind(
            "jetstream-component",
            new JetStreamConfiguration().jetstream(camel).pollEvery(Duration.ofMillis(500)));
    camel.getRegistry().bind("bus-health-check", configuration.health(camel));
  }

  public static ConditionFactory soon() {
    return Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE);
  }

  public BusContext start() {
    if (camel.getRegistry().lookupByName("metricsRegistry") == null) {
      camel.getRegistry().bind("metricsRegistry", meters);
    }
    camel.start();
    return this;
  }

  /** Starts a gateway route. */
  public BusContext gateway(String options, Processor steps) throws Exception {
    return route(
        GATEWAY,
        "jetstream:telemetry.test.>?jetstreamName=TELEMETRY&durableName=" + DURABLE + "&" + options,
        steps);
  }

  public BusContext route(String id, String from, Processor steps) throws Exception {
    // Not a named class, because a runtime that scans packages would load it.
    RouteBuilder.addRoutes(
        camel,
        routes -> {
          routes.errorHandler(routes.noErrorHandler());
          routes.from(from).routeId(id).process(steps);
        });
    return this;
  }

  public void stopGateway() throws Exception {
    camel.getRouteController().stopRoute(GATEWAY);
  }

  public void startGateway() throws Exception {
    camel.getRouteController().startRoute(GATEWAY);
  }

  public JetStreamConsumer consumer() {
    return (JetStreamConsumer) camel.getRoute(GATEWAY).getConsumer();
  }

  public void awaitStreams() {
    soon().until(() -> bus.problem().isEmpty());
  }

  /** Publishes the numbers {@code from} to {@code to} - 1 as bodies. */
  public void publish(int from, int to) throws Exception {
    JetStream stream = nats.connection().jetStream();
    CompletableFuture<?>[] acks = new CompletableFuture<?>[to - from];
    for (int i = from; i < to; i++) {
      acks[i - from] =
          stream.publishAsync(
              "telemetry.test.metrics", Integer.toString(i).getBytes(StandardCharsets.UTF_8));
    }
    CompletableFuture.allOf(acks).get(60, TimeUnit.SECONDS);
  }

  public ConsumerInfo info() throws IOException, JetStreamApiException {
    Connection own = nats.connection();
    return own.jetStreamManagement().getConsumerInfo("TELEMETRY", DURABLE);
  }

  public double counter(String name) {
    FunctionCounter counter = meters.find(name).tag("gateway", GATEWAY).functionCounter();
    return counter == null ? Double.NaN : counter.count();
  }

  public double gauge(String name) {
    Gauge gauge = meters.find(name).gauge();
    return gauge == null ? Double.NaN : gauge.value();
  }

  @Override
  public void close() {
    camel.stop();
  }
}
