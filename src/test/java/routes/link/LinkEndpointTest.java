package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.nats.NatsConstants;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Constants;
import org.apache.camel.component.paho.mqtt5.PahoMqtt5Endpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.settings.Settings;
import routes.uplink.Command;
import routes.uplink.Desired;
import routes.uplink.GatewaySettings;

/** Stock endpoints on a gateway's connection. */
@Timeout(120)
class LinkEndpointTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final DefaultCamelContext context = new DefaultCamelContext();
  private PlainGateway gateway;

  @TempDir Path data;

  @BeforeEach
  void start() {
    broker.listen(arrived::add).start(0);
    Properties properties = new Properties();
    properties.setProperty("mqtt.in-flight", "64");
    properties.setProperty("mqtt.publish-timeout", "5s");
    properties.setProperty("mqtt.keep-alive", "60s");
    properties.setProperty("inbound.max-packet", "384KB");
    properties.setProperty("reconnect.min", "20ms");
    properties.setProperty("reconnect.max", "100ms");
    properties.setProperty("data.directory", data.toString());
    context.getPropertiesComponent().setInitialProperties(properties);
    context.getRegistry().bind("metricsRegistry", new SimpleMeterRegistry());
    GatewaySettings settings = new GatewaySettings(new Settings(context), "mqtt", "mqtt");
    ConnectionSettings connection =
        new ConnectionSettings(
            BrokerUrl.parse("mqtt.url", "tcp://127.0.0.1:" + broker.port()),
            "edge-1",
            null,
            List.of(),
            true,
            MqttVersion.parse(settings, "version"),
            TestClients.NAMES,
            ConnectionPolicy.read(settings));
    gateway = new PlainGateway(settings, connection, () -> Credential.NONE);
    context.getRegistry().bind("mqtt", gateway);
    context.getRegistry().bind("paho-mqtt5-component", new LinkComponent());
    context.start();
  }

  @AfterEach
  void stop() {
    context.stop();
    broker.close();
    await().atMost(SOON).untilAsserted(() -> assertThat(TestClients.threads()).isEmpty());
  }

  private void route(String from, org.apache.camel.Processor processor, String to)
      throws Exception {
    RouteBuilder.addRoutes(
        context, routes -> routes.from(from).routeId(from).process(processor).to(to));
    assertThat(gateway.awaitConnected(SOON)).as("%s", gateway.lastError()).isTrue();
  }

  private void fromCloud(String topic, String text) {
    await().atMost(SOON).until(() -> !broker.subscriptions().isEmpty());
    MqttProperties properties = new MqttProperties();
    properties.add(
        new MqttProperties.StringProperty(MqttPropertyType.RESPONSE_TOPIC.value(), "back"));
    broker.publish(new Arrived("cloud", topic, text.getBytes(), 1, false, properties));
  }

  @Test
  void publishesTelemetryWithItsProperties() throws Exception {
    route("direct:in", gateway::telemetry, "paho-mqtt5:{{bean:mqtt.topic}}?client=#mqtt&qos=1");
    context
        .createProducerTemplate()
        .sendBodyAndHeaders(
            "direct:in",
            "{}",
            Map.of(NatsConstants.NATS_SUBJECT, "telemetry.edge-2.metrics", "Nats-Msg-Id", "01J"));
    Arrived sample = arrived.get(0);
    assertThat(sample.topic()).isEqualTo("devices/edge-2");
    assertThat(sample.qos()).isEqualTo(1);
    assertThat(sample.text()).isEqualTo("{}");
    assertThat(sample.userProperties()).isEqualTo(Map.of("id", "01J"));
    assertThat(sample.property(MqttPropertyType.CONTENT_TYPE)).isEqualTo("application/json");
    assertThat(sample.property(MqttPropertyType.PAYLOAD_FORMAT_INDICATOR)).isEqualTo("1");
    MeterRegistry meters = context.getRegistry().findSingleByType(MeterRegistry.class);
    assertThat(meters.get("mqtt.publish.duration").tag("gateway", "gateway-mqtt").timer().count())
        .isEqualTo(1);
  }

  @Test
  void stockOptionsAndHeadersKeepTheirMeaning() throws Exception {
    route("direct:in", exchange -> {}, "paho-mqtt5:plain?client=#bean:mqtt&retained=true&qos=0");
    var producer = context.createProducerTemplate();
    producer.sendBody("direct:in", "a");
    producer.sendBodyAndHeaders(
        "direct:in",
        "b",
        Map.of(
            PahoMqtt5Constants.CAMEL_PAHO_OVERRIDE_TOPIC,
            "other",
            PahoMqtt5Constants.CAMEL_PAHO_MSG_QOS,
            2,
            PahoMqtt5Constants.CAMEL_PAHO_MSG_RETAINED,
            false));
    await().atMost(SOON).until(() -> arrived.size() == 2);
    assertThat(arrived).extracting(Arrived::topic).containsExactly("plain", "other");
    assertThat(arrived).extracting(Arrived::qos).containsExactly(0, 2);
    assertThat(arrived).extracting(Arrived::retain).containsExactly(true, false);
  }

  @Test
  void aRefusedMessageFailsTheExchangeWithTheReason() throws Exception {
    route("direct:in", exchange -> {}, "paho-mqtt5:t?client=#mqtt&qos=1");
    var producer = context.createProducerTemplate();
    broker.publishAnswer = message -> 0x97;
    assertThatThrownBy(() -> producer.sendBody("direct:in", "x"))
        .isInstanceOf(CamelExecutionException.class)
        .hasRootCauseMessage("refused by the broker: quota exceeded (0x97)");
    for (String id : List.of("a\u0001b", "a\u007f", "a\ud800", "\ufffe")) {
      var properties = new org.eclipse.paho.mqttv5.common.packet.MqttProperties();
      properties.setContentType(id);
      assertThatThrownBy(
              () ->
                  producer.sendBodyAndHeader(
                      "direct:in", "x", PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES, properties))
          .hasStackTraceContaining("not a valid MQTT message: ");
    }
    assertThat(gateway.reconnects()).isZero();
  }

  @Test
  void stepsAfterTheEndpointRunOnThePoolOfTheGateway() throws Exception {
    List<String> threads = new CopyOnWriteArrayList<>();
    RouteBuilder.addRoutes(
        context,
        routes ->
            routes
                .from("direct:in")
                .to("paho-mqtt5:t?client=#mqtt&qos=1")
                .process(exchange -> threads.add(Thread.currentThread().getName())));
    assertThat(gateway.awaitConnected(SOON)).isTrue();
    context.createProducerTemplate().sendBody("direct:in", "x");
    assertThat(threads).singleElement().asString().startsWith("gateway-mqtt ");
  }

  @Test
  void receivesCommandsAndReplies() throws Exception {
    route(
        "paho-mqtt5:{{bean:mqtt.filters}}?client=#mqtt&qos=1",
        exchange -> {
          gateway.receive(exchange);
          Object name = exchange.getMessage().getHeader(Command.NAME);
          Object desired = exchange.getMessage().getHeader(Desired.HEADER);
          received.add(name + " " + desired + " " + exchange.getMessage().getBody(String.class));
          exchange.getMessage().setHeader(Command.STATUS, 200);
          gateway.reply(exchange);
        },
        "paho-mqtt5:unused?client=#mqtt&qos=1");
    fromCloud("commands/reboot", "now");
    fromCloud("commands/silent", "");
    fromCloud("commands/ignored", "");
    fromCloud("commands/a b", "");
    fromCloud("desired", "{}");
    await().atMost(SOON).until(() -> received.size() == 5);
    assertThat(received)
        .containsExactly(
            "reboot null now", "silent null ", "null null ", "null null ", "null true {}");
    await().atMost(SOON).until(() -> arrived.size() == 1);
    assertThat(arrived.get(0).topic()).isEqualTo("replies/reboot/200");
    MeterRegistry meters = context.getRegistry().findSingleByType(MeterRegistry.class);
    assertThat(meters.get("mqtt.inbound.refused").tag("reason", "malformed").counter().count())
        .isEqualTo(1);
  }

  @Test
  void aConsumerSetsTheStockHeaders() throws Exception {
    List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    route(
        "paho-mqtt5:a/+?client=mqtt&qos=1", exchange -> exchanges.add(exchange.copy()), "mock:end");
    fromCloud("a/b", "x");
    await().atMost(SOON).until(() -> exchanges.size() == 1);
    var message = exchanges.get(0).getMessage();
    assertThat(message.getHeader(PahoMqtt5Constants.MQTT_TOPIC)).isEqualTo("a/b");
    assertThat(message.getHeader(PahoMqtt5Constants.MQTT_QOS)).isEqualTo(1);
    assertThat(message.getBody()).isEqualTo("x".getBytes());
    assertThat(
            message
                .getHeader(
                    PahoMqtt5Constants.CAMEL_PAHO_MSG_PROPERTIES,
                    org.eclipse.paho.mqttv5.common.packet.MqttProperties.class)
                .getResponseTopic())
        .isEqualTo("back");
  }

  @Test
  void severalRoutesShareAFilterAndARemovedOneGetsNothing() throws Exception {
    for (String name : List.of("one", "two")) {
      RouteBuilder.addRoutes(
          context,
          routes ->
              routes
                  .from("paho-mqtt5:a/#?client=#mqtt&qos=1&clientId=" + name)
                  .routeId(name)
                  .process(e -> received.add(name + " " + e.getMessage().getBody(String.class))));
    }
    assertThat(gateway.awaitConnected(SOON)).isTrue();
    await().atMost(SOON).until(() -> broker.subscriptions().contains("a/#"));
    fromCloud("a/b", "1");
    await().atMost(SOON).until(() -> received.size() == 2);
    assertThat(received).containsExactlyInAnyOrder("one 1", "two 1");

    context.getRouteController().stopRoute("one");
    context.removeRoute("one");
    assertThat(broker.subscriptions()).contains("a/#");
    fromCloud("a/b", "2");
    await().atMost(SOON).until(() -> received.contains("two 2"));
    assertThat(received).doesNotContain("one 2");

    context.getRouteController().stopRoute("two");
    context.removeRoute("two");
    await().atMost(SOON).until(() -> broker.subscriptions().isEmpty());
    broker.cut();
    await().atMost(SOON).until(() -> gateway.reconnects() == 1);
    assertThat(broker.subscriptions()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/#/b", "a+/b", "a#", "ok/# a/b+"})
  void anInvalidFilterFailsTheRoute(String filters) {
    assertThatThrownBy(
            () ->
                RouteBuilder.addRoutes(
                    context,
                    routes ->
                        routes.from("paho-mqtt5:" + filters + "?client=#mqtt").to("mock:end")))
        .hasStackTraceContaining("invalid topic filter \"");
  }

  @Test
  void namesAnUnknownGatewayAndTheKnownOnes() {
    assertThatThrownBy(() -> context.getEndpoint("paho-mqtt5:t?client=#mqtt-plant"))
        .hasStackTraceContaining(
            "client: unknown gateway \"mqtt-plant\"; enabled MQTT gateways: mqtt");
  }

  @Test
  void usesTheEndpointOfCamelWithoutAGateway() {
    PahoMqtt5Endpoint stock =
        context.getEndpoint("paho-mqtt5:t?brokerUrl=tcp://other:1883", PahoMqtt5Endpoint.class);
    assertThat(stock).isNotInstanceOf(LinkEndpoint.class);
    assertThat(stock.getConfiguration().getBrokerUrl()).isEqualTo("tcp://other:1883");
  }

  @Test
  void stoppingTheContextSendsDisconnectWithoutUnsubscribing() throws Exception {
    route("paho-mqtt5:a/#?client=#mqtt&qos=1", exchange -> {}, "mock:end");
    context.stop();
    await().atMost(SOON).until(() -> broker.farewells.get() == 1);
    assertThat(gateway.lastError()).isEqualTo(Optional.of("stopped"));
  }
}
