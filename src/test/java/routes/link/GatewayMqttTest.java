package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.Main;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import routes.BareMain;
import routes.mqtt.MqttConfiguration;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.Uplink;

/** The gateway's route file, Camel's stock endpoint and the shared client together. */
@Timeout(60)
class GatewayMqttTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final MeanBroker broker = new MeanBroker();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final Main main = BareMain.of(MqttConfiguration.class);

  @AfterEach
  void stop() throws Exception {
    main.stop();
    main.shutdown();
    broker.close();
    await().atMost(SOON).untilAsserted(() -> assertThat(TestClients.threads()).isEmpty());
  }

  /** A context without routes. */
  private CamelContext start(String url) throws Exception {
    main.addOverrideProperty("gateways", "mqtt");
    main.addOverrideProperty("mqtt.url", url);
    main.addOverrideProperty("reconnect.min", "20ms");
    main.addOverrideProperty("reconnect.max", "100ms");
    main.bind("metricsRegistry", new SimpleMeterRegistry());
    main.start();
    return main.getCamelContext();
  }

  /** routes-yaml/gateway-mqtt.camel.yaml, with direct:in in place of the bus. */
  private static void loadGateway(CamelContext context) throws Exception {
    String yaml = Files.readString(Path.of("routes-yaml/gateway-mqtt.camel.yaml"));
    String direct =
        yaml.replaceFirst(
            "(?s)uri: jetstream\\n.*?(?=\\n +steps:)",
            "uri: direct\n      parameters:\n        name: in");
    assertThat(direct).isNotEqualTo(yaml);
    PluginHelper.getRoutesLoader(context)
        .loadRoutes(ResourceHelper.fromString("gateway-mqtt.camel.yaml", direct));
  }

  private static Uplink connectedGateway(CamelContext context) throws Exception {
    loadGateway(context);
    return connected(context);
  }

  private static Uplink connected(CamelContext context) throws InterruptedException {
    Uplink uplink = context.getRegistry().lookupByNameAndType("mqtt", Uplink.class);
    assertThat(uplink.awaitConnected(SOON)).isTrue();
    return uplink;
  }

  private String url() {
    return "tcp://127.0.0.1:" + broker.port();
  }

  @Test
  void aSampleReachesTheBrokerWithItsProperties() throws Exception {
    broker.listen(arrived::add).start(0);
    CamelContext context = start(url());
    connectedGateway(context);

    context
        .createProducerTemplate()
        .sendBodyAndHeader("direct:in", "{\"cpu\":1}", "Nats-Msg-Id", "01J");

    Arrived sample = arrived.get(0);
    assertThat(sample.topic()).isEqualTo("devices/edge-1/metrics");
    assertThat(sample.clientId()).isEqualTo("edge-1");
    assertThat(sample.qos()).isEqualTo(1);
    assertThat(sample.text()).isEqualTo("{\"cpu\":1}");
    assertThat(sample.userProperties()).isEqualTo(Map.of("id", "01J", "device", "edge-1"));
    assertThat(sample.property(MqttPropertyType.CONTENT_TYPE)).isEqualTo("application/json");
    assertThat(sample.property(MqttPropertyType.PAYLOAD_FORMAT_INDICATOR)).isEqualTo("1");
    MeterRegistry meters = context.getRegistry().findSingleByType(MeterRegistry.class);
    assertThat(meters.get("mqtt.publish.duration").tag("gateway", "gateway-mqtt").timer().count())
        .isEqualTo(1);

    main.stop();
    await().atMost(SOON).until(() -> broker.farewells.get() == 1);
  }

  @Test
  void anIdThatIsTooLongIsRefusedAndTheConnectionStays() throws Exception {
    broker.listen(arrived::add).start(0);
    CamelContext context = start(url());
    Uplink uplink = connectedGateway(context);
    String id = "x".repeat(70_000);
    var producer = context.createProducerTemplate();
    assertThatThrownBy(() -> producer.sendBodyAndHeader("direct:in", "x", "Nats-Msg-Id", id))
        .isInstanceOf(CamelExecutionException.class)
        .hasRootCauseMessage("its Nats-Msg-Id has 70000 characters: at most 1024");
    producer.sendBodyAndHeader("direct:in", new byte[1 << 10], "Nats-Msg-Id", "y");
    assertThat(arrived).hasSize(1);
    assertThat(uplink.reconnects()).isZero();
  }

  /** At the broker it would end the connection, and the one after it. */
  @Test
  void anIdThatMqttCantCarryIsRefusedAndTheConnectionStays() throws Exception {
    broker.listen(arrived::add).start(0);
    CamelContext context = start(url());
    Uplink uplink = connectedGateway(context);
    var producer = context.createProducerTemplate();
    for (String id : List.of("a\u0001b", "a\u007f", "a\ud800", "\ufffe")) {
      assertThatThrownBy(() -> producer.sendBodyAndHeader("direct:in", "x", "Nats-Msg-Id", id))
          .isInstanceOf(CamelExecutionException.class)
          .hasStackTraceContaining("MQTT can't carry it: ");
    }
    producer.sendBodyAndHeader("direct:in", "x", "Nats-Msg-Id", "y");
    assertThat(arrived).hasSize(1);
    assertThat(uplink.reconnects()).isZero();
  }

  @Test
  void aBrokerThatAnnouncesItsLargestPacketGetsWhatFits() throws Exception {
    broker.announce(MqttPropertyType.MAXIMUM_PACKET_SIZE, 1_000);
    broker.listen(arrived::add).start(0);
    CamelContext context = start(url());
    connectedGateway(context);
    var producer = context.createProducerTemplate();
    producer.sendBodyAndHeader("direct:in", new byte[800], "Nats-Msg-Id", "y");
    assertThat(arrived).hasSize(1);
    assertThatThrownBy(() -> producer.sendBodyAndHeader("direct:in", new byte[990], "x", "y"))
        .isInstanceOf(CamelExecutionException.class)
        .hasRootCauseMessage(
            "too large: the message takes 1058 bytes, the broker accepts at most 1000");
  }

  @Test
  void aRefusedSampleFailsTheRouteWithTheReason() throws Exception {
    broker.publishAnswer = message -> 0x97;
    broker.start(0);
    CamelContext context = start(url());
    connectedGateway(context);
    assertThatThrownBy(() -> context.createProducerTemplate().sendBody("direct:in", "x"))
        .isInstanceOf(CamelExecutionException.class)
        .hasRootCauseMessage("refused by the broker: quota exceeded (0x97)");
  }

  @Test
  void healthIsDownWithTheReasonUntilConnected() throws Exception {
    broker.start(0);
    int port = broker.port();
    broker.close();
    CamelContext context = start("tcp://127.0.0.1:" + port);
    loadGateway(context);
    HealthCheck check = HealthCheckRegistry.get(context).getCheck("gateway-mqtt").orElseThrow();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              HealthCheck.Result result = check.callReadiness();
              assertThat(result.getState()).isEqualTo(HealthCheck.State.DOWN);
              assertThat(result.getMessage())
                  .contains("unreachable: connection refused at 127.0.0.1:" + port);
            });
    assertThat(check.isReadiness()).isTrue();
    assertThat(check.isLiveness()).isFalse();
    try (MeanBroker later = new MeanBroker()) {
      later.start(port);
      await().atMost(SOON).until(() -> check.callReadiness().getState() == HealthCheck.State.UP);
    }
  }

  @Test
  void anInboundRouteSharesTheClient() throws Exception {
    broker.listen(arrived::add).start(0);
    CamelContext context = start(url());
    List<String> received = new CopyOnWriteArrayList<>();
    for (String name : new String[] {"one", "two"}) {
      // A lambda: the scan for configuration would make an anonymous builder a second time.
      RouteBuilder.addRoutes(
          context,
          builder ->
              builder
                  .from("paho-mqtt5:commands/" + name + "/#?client=#mqtt")
                  .process(
                      exchange ->
                          received.add(name + " " + exchange.getMessage().getBody(String.class)))
                  .to("paho-mqtt5:answers/" + name + "?client=#mqtt&qos=1"));
    }
    Uplink uplink = connected(context);
    Mqtt5Client client = (Mqtt5Client) uplink;
    client.publish("commands/one/x", TestClients.message("1", 1));
    client.publish("commands/two/x", TestClients.message("2", 1));
    await().atMost(SOON).until(() -> received.equals(List.of("one 1", "two 2")));
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(arrived)
                    .extracting(Arrived::topic)
                    .contains("answers/one", "answers/two"));
    assertThat(broker.clients()).containsExactly("edge-1");
  }

  @Test
  void aRouteThatIsRemovedGetsNoMoreMessages() throws Exception {
    broker.start(0);
    CamelContext context = start(url());
    List<String> received = new CopyOnWriteArrayList<>();
    RouteBuilder.addRoutes(
        context,
        builder ->
            builder
                .from("paho-mqtt5:a/# b/#?client=#mqtt")
                .routeId("inbound")
                .process(e -> received.add(e.getMessage().getBody(String.class))));
    Mqtt5Client client = context.getRegistry().lookupByNameAndType("mqtt", Mqtt5Client.class);
    assertThat(client.awaitConnected(SOON)).isTrue();
    client.publish("a/1", TestClients.message("1", 1));
    await().atMost(SOON).until(() -> received.equals(List.of("1")));
    context.getRouteController().stopRoute("inbound");
    context.removeRoute("inbound");
    await().atMost(SOON).until(() -> broker.subscriptions().isEmpty());
    client.publish("b/2", TestClients.message("2", 1));
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    client.publish("a/3", TestClients.message("3", 1));
    assertThat(broker.subscriptions()).isEmpty();
    assertThat(received).containsExactly("1");
  }

  @Test
  void aGatewayThatIsOffMakesNoClient() throws Exception {
    CamelContext context = start("");
    assertThat(context.getRoutes()).isEmpty();
    assertThat(TestClients.threads()).isEmpty();
    assertThat(HealthCheckRegistry.get(context).getCheck("gateway-mqtt")).isEmpty();
    assertThatThrownBy(() -> MqttConfiguration.check(new Settings(context)))
        .isInstanceOf(SettingException.class)
        .hasMessage("mqtt.url: is not set: it should be the broker's address, as ssl://host:8883");
  }
}
