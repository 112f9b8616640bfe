package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import io.nats.client.api.ConsumerConfiguration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.main.Main;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.BareMain;
import routes.NatsServer;
import routes.bus.BusConfiguration;

/** The component as used in a route file, in a runtime that scans this package. */
class JetStreamEndpointTest {
  @RegisterExtension static final NatsServer NATS = new NatsServer();

  private final Queue<String> arrived = new ConcurrentLinkedQueue<>();
  private final FakeUplink uplink = new FakeUplink();
  private final Main main = runtime();

  @AfterEach
  void stop() {
    main.stop();
  }

  private Main runtime() {
    Main main = BareMain.of(BusConfiguration.class);
    main.configure().addConfiguration(JetStreamConfiguration.class);
    main.configure().setAutoConfigurationEnvironmentVariablesEnabled(false);
    main.addOverrideProperty("nats.servers", NATS.url());
    main.addOverrideProperty("bus.max-age", "7d");
    main.addOverrideProperty("bus.max-bytes", "64MB");
    main.addOverrideProperty("dead.after", "5");
    main.addOverrideProperty("dead.max-age", "30d");
    main.addOverrideProperty("dead.max-bytes", "16MB");
    main.addOverrideProperty("reconnect.min", "100ms");
    main.addOverrideProperty("reconnect.max", "1s");
    main.addOverrideProperty("mqtt.in-flight", "5");
    main.bind("mqtt", uplink);
    main.bind(
        "arrived", (Processor) exchange -> arrived.add(exchange.getIn().getBody(String.class)));
    return main;
  }

  private static void load(CamelContext camel, String parameters) throws Exception {
    String yaml =
        """
        - route:
            id: gateway-mqtt
            from:
              uri: jetstream
              parameters:
        %s
              steps:
                - process:
                    ref: arrived
        """
            .formatted(parameters.indent(8).stripTrailing());
    Resource file = ResourceHelper.fromString("gateway-mqtt.camel.yaml", yaml);
    PluginHelper.getRoutesLoader(camel).loadRoutes(file);
  }

  @Test
  void aRouteFileBindsOptionsBeansAndPlaceholders() throws Exception {
    main.start();
    CamelContext camel = main.getCamelContext();
    load(
        camel,
        """
          topic: "telemetry.{{device.id}}.>"
          jetstreamName: TELEMETRY
          inFlight: "{{mqtt.in-flight}}"
          ackWait: 45s
          uplink: "#mqtt"
          """);
    JetStreamConsumer consumer = (JetStreamConsumer) camel.getRoute("gateway-mqtt").getConsumer();
    JetStreamEndpoint endpoint = (JetStreamEndpoint) consumer.getEndpoint();
    assertThat(endpoint.getTopic()).isEqualTo("telemetry.edge-1.>");
    assertThat(endpoint.getJetstreamName()).isEqualTo("TELEMETRY");
    assertThat(endpoint.getInFlight()).isEqualTo(5);
    assertThat(endpoint.getAckWait()).isEqualTo(Duration.ofSeconds(45));
    assertThat(consumer.uplink()).containsSame(uplink);
    soon().until(() -> consumer.backlog() == 0);
    ConsumerConfiguration durable =
        NATS.connection()
            .jetStreamManagement()
            .getConsumerInfo("TELEMETRY", "gateway-mqtt_edge-1")
            .getConsumerConfiguration();
    assertThat(durable.getFilterSubject()).isEqualTo("telemetry.edge-1.>");
    assertThat(durable.getAckWait()).isEqualTo(Duration.ofSeconds(45));
    assertThat(durable.getMaxAckPending()).isGreaterThanOrEqualTo(5);
    NATS.connection().jetStream().publish("telemetry.edge-1.press1", bytes("hello"));
    NATS.connection().jetStream().publish("telemetry.edge-2.metrics", bytes("other"));
    soon().until(() -> arrived.size() == 1);
    assertThat(arrived).containsExactly("hello");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "inFlihgt: 3            | inFlihgt",
        "inFlight: 0            | invalid value \"0\" for the option inFlight",
        "inFlight: many         | invalid value \"many\" for the option inFlight",
        "ackWait: 10            | invalid value \"10\" for the option ackWait",
        "uplink: '#nowhere'     | nowhere",
        "durableName: 'a.b'     | invalid value \"a.b\" for the option durableName",
        "jetstreamName: ''      | jetstreamName is missing",
      })
  void namesAnInvalidOption(String option, String message) throws Exception {
    main.start();
    String others =
        """
          topic: telemetry.x.>
          jetstreamName: TELEMETRY
          durableName: x
          """;
    String own = option.substring(0, option.indexOf(':') + 1);
    String rest = others.lines().filter(l -> !l.startsWith(own)).reduce("", (a, b) -> a + b + "\n");
    assertThatThrownBy(() -> load(main.getCamelContext(), rest + option + "\n"))
        .hasStackTraceContaining(message);
  }

  @Test
  void updatesAnExistingConsumer() throws Exception {
    try (BusContext edge = new BusContext(NATS)) {
      edge.start().awaitStreams();
      NATS.connection()
          .jetStreamManagement()
          .addOrUpdateConsumer(
              "TELEMETRY",
              ConsumerConfiguration.builder()
                  .durable(BusContext.DURABLE)
                  .filterSubject("telemetry.elsewhere.>")
                  .ackWait(Duration.ofSeconds(7))
                  .maxDeliver(3)
                  .maxAckPending(2)
                  .description("ours")
                  .build());
      Inbox inbox = new Inbox();
      edge.gateway("inFlight=64", inbox);
      edge.publish(0, 10);
      soon().until(() -> inbox.count() == 10);
      ConsumerConfiguration durable = edge.info().getConsumerConfiguration();
      assertThat(durable.getFilterSubject()).isEqualTo("telemetry.test.>");
      assertThat(durable.getAckWait()).isEqualTo(Duration.ofSeconds(30));
      assertThat(durable.getMaxDeliver()).isEqualTo(-1);
      assertThat(durable.getMaxAckPending()).isEqualTo(1000);
      assertThat(durable.getDescription()).isEqualTo("ours");
    }
  }

  @Test
  void namesAConflictingPushConsumer() throws Exception {
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(NATS)) {
      edge.start().awaitStreams();
      NATS.connection()
          .jetStreamManagement()
          .addOrUpdateConsumer(
              "TELEMETRY",
              ConsumerConfiguration.builder().durable("pushed").deliverSubject("x").build());
      edge.route(
          "pushed", "jetstream:telemetry.x.>?jetstreamName=TELEMETRY&durableName=pushed", e -> {});
      soon().until(() -> !log.with("consumer pushed of stream TELEMETRY: not a pull").isEmpty());
      soon().during(Duration.ofSeconds(3)).until(() -> log.with("consumer pushed").size() == 1);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
