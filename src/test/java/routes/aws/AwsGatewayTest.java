package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.BareMain;
import routes.Certificates;
import routes.NatsServer;
import routes.log.CapturedLog;
import routes.sandbox.Arrived;
import routes.sandbox.SandboxCloud.Reply;
import routes.sandbox.aws.SandboxAws;
import routes.uplink.Uplink;

/**
 * The route files of AWS IoT Core between a real NATS and the stand-in cloud. The policy is
 * docs/aws-policy.json; anything that it does not allow ends the connection.
 */
@Timeout(90)
class AwsGatewayTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOPIC = "devices/edge-1/metrics";

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final CapturedLog log = new CapturedLog();
  private final Main main = BareMain.of(AwsGateway.class);
  private SandboxAws cloud;
  private Connection bus;

  /** Stands for the bean that runs commands. */
  private static final class Commands implements Processor {
    @Override
    public void process(Exchange exchange) {
      String name = exchange.getMessage().getHeader("Command-Name", String.class);
      boolean known = name.matches("[A-Za-z0-9_-]{1,64}");
      String asked = exchange.getMessage().getBody(String.class);
      exchange.getMessage().setHeader("Command-Status", known ? 200 : 400);
      exchange
          .getMessage()
          .setBody(
              name.equals("large")
                  ? new byte[128 * 1024 + 1]
                  : (name + " " + asked).getBytes(StandardCharsets.UTF_8));
    }
  }

  @BeforeEach
  void startCloud() throws IOException {
    cloud = new SandboxAws(landed(), new Certificates(folder)).start(0);
    cloud.listen(arrived::add);
    bus = nats.connection();
  }

  @AfterEach
  void stop() {
    log.close();
    main.stop();
    main.shutdown();
    cloud.close();
  }

  private Path landed() {
    return folder.resolve("landed");
  }

  /**
   * @param settings key, value, key, value
   */
  private void start(String... settings) throws Exception {
    cloud.settings().forEach((key, value) -> main.addOverrideProperty(key(key), value));
    for (int i = 0; i < settings.length; i += 2) {
      main.addOverrideProperty(settings[i], settings[i + 1]);
    }
    main.addOverrideProperty("gateways", "aws");
    main.addOverrideProperty("nats.servers", nats.url());
    main.addOverrideProperty("reconnect.min", "20ms");
    main.addOverrideProperty("reconnect.max", "100ms");
    main.addOverrideProperty(
        "camel.main.routes-include-pattern",
        "file:routes-yaml/on-error.camel.yaml,file:routes-yaml/*-aws*.camel.yaml");
    BareMain.withGateways(BareMain.withBus(main));
    main.bind("metricsRegistry", new SimpleMeterRegistry());
    main.bind("commands", new Commands());
    main.start();
    Uplink uplink = main.getCamelContext().getRegistry().lookupByNameAndType("aws", Uplink.class);
    assertThat(uplink.awaitConnected(SOON)).as("connected: %s", uplink.lastError()).isTrue();
    await()
        .atMost(SOON)
        .ignoreException(JetStreamApiException.class)
        .until(
            () ->
                bus.jetStreamManagement()
                    .getStreamNames()
                    .containsAll(List.of("TELEMETRY", "INVENTORY")));
  }

  /** Converts AWS_PRIVATE_KEY to aws.private-key. */
  private static String key(String environment) {
    return environment.toLowerCase(Locale.ROOT).replaceFirst("_", ".").replace('_', '-');
  }

  private void sample(String id, String json) throws Exception {
    bus.jetStream()
        .publish(
            "telemetry.edge-1.metrics",
            new Headers().add("Nats-Msg-Id", id),
            json.getBytes(StandardCharsets.UTF_8));
  }

  private List<Path> objects() throws IOException {
    if (!Files.exists(landed())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(landed())) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private List<String> warnings(String logger) {
    return log.events().stream()
        .filter(event -> event.logger().equals(logger))
        .filter(event -> event.level().equals("WARN"))
        .map(CapturedLog.Event::message)
        .toList();
  }

  private Arrived at(String topic) {
    await().atMost(SOON).until(() -> arrived.stream().anyMatch(m -> m.topic().equals(topic)));
    return arrived.stream().filter(m -> m.topic().equals(topic)).findFirst().orElseThrow();
  }

  private long reconnects() {
    return main.getCamelContext()
        .getRegistry()
        .lookupByNameAndType("aws", Uplink.class)
        .reconnects();
  }

  @Test
  void aSampleIsStoredAsAnObjectAndKeepsItsProperties() throws Exception {
    start();
    sample("01J", "{\"metrics\":{\"cpu\":1}}");
    Arrived sample = at(TOPIC);
    assertThat(sample.clientId()).isEqualTo("edge-1");
    assertThat(sample.qos()).isEqualTo(1);
    assertThat(sample.retain()).isFalse();
    assertThat(sample.userProperties()).isEqualTo(Map.of("id", "01J", "device", "edge-1"));
    assertThat(sample.property(MqttPropertyType.CONTENT_TYPE)).isEqualTo("application/json");
    assertThat(sample.property(MqttPropertyType.PAYLOAD_FORMAT_INDICATOR)).isEqualTo("1");
    assertThat(sample.property(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL)).isEqualTo("86400");
    await().atMost(SOON).until(() -> objects().size() == 1);
    JsonNode object = JSON.readTree(objects().get(0).toFile());
    assertThat(object.at("/metrics/cpu").asInt()).isEqualTo(1);
    assertThat(objects().get(0)).startsWith(landed().resolve(TOPIC));
  }

  @Test
  void basicIngestSendsSamplesDirectlyToARule() throws Exception {
    start("aws.rule", SandboxAws.RULE);
    sample("01J", "{}");
    Arrived sample = at("$aws/rules/device_metrics/" + TOPIC);
    assertThat(sample.userProperties()).containsEntry("id", "01J");
    await().atMost(SOON).until(() -> objects().size() == 1);
    assertThat(landed().relativize(objects().get(0)).toString()).startsWith(TOPIC);
  }

  @Test
  void aBacklogRespectsThePublishRateLimit() throws Exception {
    start();
    long start = System.nanoTime();
    for (int i = 0; i < 300; i++) {
      sample("id" + i, "{\"n\":" + i + "}");
    }
    await().atMost(SOON).until(() -> objects().size() == 300);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
    assertThat(cloud.discarded).hasValue(0);
    assertThat(arrived.stream().filter(m -> m.topic().equals(TOPIC))).hasSize(300);
  }

  @Test
  void reportsTheInventoryInTheShadow() throws Exception {
    start();
    bus.jetStream()
        .publish("inventory.edge-1", "{\"host\":\"h\",\"cpu\":{\"logical\":2}}".getBytes());
    await().atMost(SOON).until(() -> !cloud.shadow("edge-1").equals("{}"));
    assertThat(cloud.shadow("edge-1"))
        .isEqualTo("{\"reported\":{\"host\":\"h\",\"cpu\":{\"logical\":2}}}");
    assertThat(warnings("commands-aws")).isEmpty();
  }

  @Test
  void logsAShadowRejectionInOneLine() throws Exception {
    start();
    String deep = "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}";
    bus.jetStream().publish("inventory.edge-1", deep.getBytes());
    await()
        .atMost(SOON)
        .until(
            () ->
                warnings("commands-aws")
                    .contains(
                        "inventory refused by AWS: JSON contains too many levels of nesting;"
                            + " maximum is 6 (code 400)"));
    assertThat(cloud.shadow("edge-1")).isEqualTo("{}");
    Subscription desired = bus.subscribe("desired.edge-1");
    bus.flush(SOON);
    assertThatThrownBy(() -> cloud.desire("edge-1", "nonsense")).hasMessageContaining("400");
    cloud.desire("edge-1", "{\"fan\":1}");
    assertThat(next(desired)).isEqualTo("{\"fan\":1}");
    assertThat(warnings("commands-aws")).as("another client's refusal").hasSize(1);
  }

  @Test
  void answersACommandWithItsStatus() throws Exception {
    start();
    Reply reply = cloud.command("edge-1", "ping", "{\"a\":1}").get(60, TimeUnit.SECONDS);
    assertThat(reply).isEqualTo(new Reply(200, "ping {\"a\":1}"));
    assertThat(at("cmd/edge-1/ping/reply").property(MqttPropertyType.CONTENT_TYPE))
        .isEqualTo("application/json");
    assertThat(cloud.command("edge-1", "ping", "").get(60, TimeUnit.SECONDS))
        .isEqualTo(new Reply(200, "ping "));
    assertThat(cloud.command("edge-1", "not a name", "").get(60, TimeUnit.SECONDS).status())
        .isEqualTo(400);
    assertThat(cloud.command("edge-1", "large", "").get(60, TimeUnit.SECONDS))
        .isEqualTo(new Reply(500, "{\"error\":\"the reply is larger than 128 KB\"}"));
    assertThat(reconnects()).isZero();
  }

  @Test
  void sendsAReplyOnlyBelowTheDevicesCommandTopics() throws Exception {
    start();
    request("none", null);
    assertThat(at("cmd/edge-1/none/reply").text()).isEqualTo("none ");
    request("own", "cmd/edge-1/own/reply/42");
    assertThat(correlation(at("cmd/edge-1/own/reply/42"))).isEqualTo("own");
    request("foreign", TOPIC);
    assertThat(correlation(at("cmd/edge-1/foreign/reply"))).isEqualTo("foreign");
    request("loop", "cmd/edge-1/ping");
    assertThat(correlation(at("cmd/edge-1/loop/reply"))).isEqualTo("loop");
    request("wildcard", "cmd/edge-1/x/+");
    at("cmd/edge-1/wildcard/reply");
    request("deep", "cmd/edge-1/a/b/c/d/e/f/g");
    at("cmd/edge-1/deep/reply");
    assertThat(warnings("commands-aws"))
        .hasSize(4)
        .contains(
            "reply to command foreign goes to cmd/edge-1/foreign/reply: the response topic"
                + " must be cmd/edge-1/<level>/<name>, without wildcards");
    assertThat(reconnects()).isZero();
  }

  private void request(String name, String responseTopic) {
    MqttProperties properties = new MqttProperties();
    properties.add(
        new BinaryProperty(
            MqttPropertyType.CORRELATION_DATA.value(), name.getBytes(StandardCharsets.UTF_8)));
    if (responseTopic != null) {
      properties.add(new StringProperty(MqttPropertyType.RESPONSE_TOPIC.value(), responseTopic));
    }
    toDevice("cmd/edge-1/" + name, "", properties);
  }

  private void toDevice(String topic, String payload, MqttProperties properties) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    cloud.publish(new Arrived("app", topic, bytes, 1, false, properties));
  }

  private static String correlation(Arrived reply) {
    BinaryProperty property =
        (BinaryProperty) reply.properties().getProperty(MqttPropertyType.CORRELATION_DATA.value());
    return new String(property.value(), StandardCharsets.UTF_8);
  }

  @Test
  void theDesiredStateReachesTheBus() throws Exception {
    Subscription desired = bus.subscribe("desired.edge-1");
    bus.flush(SOON);
    cloud.desire("edge-1", "{\"period\":5}");
    start();
    assertThat(next(desired))
        .as("set while the device was disconnected")
        .isEqualTo("{\"period\":5}");
    cloud.desire("edge-1", "{\"period\":7}");
    assertThat(next(desired)).isEqualTo("{\"period\":7}");
    cloud.cut();
    assertThat(next(desired)).as("requested after each connect").isEqualTo("{\"period\":7}");
  }

  private static String next(Subscription subscription) throws InterruptedException {
    Message message = subscription.nextMessage(SOON);
    return message == null ? null : new String(message.getData(), StandardCharsets.UTF_8);
  }

  @Test
  void dropsMessagesThatAreNotCommandsOrDeltas() throws Exception {
    start();
    Subscription desired = bus.subscribe("desired.edge-1");
    bus.flush(SOON);
    String shadow = "$aws/things/edge-1/shadow/";
    for (String payload : new String[] {"", "no json", "[1]", "{}", "{\"state\":1}", "\u0000"}) {
      toDevice(shadow + "update/delta", payload, MqttProperties.NO_PROPERTIES);
      toDevice(shadow + "get/accepted", payload, MqttProperties.NO_PROPERTIES);
      toDevice(shadow + "update/rejected", payload, MqttProperties.NO_PROPERTIES);
    }
    String ours = "{\"clientToken\":\"cloud-iot-routes-inventory\"}";
    toDevice(shadow + "update/rejected", ours, MqttProperties.NO_PROPERTIES);
    toDevice("cmd/edge-1/", "x", MqttProperties.NO_PROPERTIES);
    toDevice("cmd/edge-1/" + "x".repeat(240), "x", MqttProperties.NO_PROPERTIES);
    assertThat(cloud.command("edge-1", "ping", "").get(60, TimeUnit.SECONDS).status())
        .isEqualTo(200);
    cloud.desire("edge-1", "{\"period\":7}");
    assertThat(next(desired)).isEqualTo("{\"period\":7}");
    await()
        .atMost(SOON)
        .until(
            () ->
                warnings("commands-aws")
                    .contains("dropped the reply to a command whose name is too long"));
    assertThat(warnings("gateway-aws"))
        .contains("dropped a message on " + shadow + "update/delta: not JSON");
    assertThat(warnings("commands-aws"))
        .contains("inventory refused by AWS: no reason given (code unknown)");
    assertThat(log.events()).noneMatch(event -> event.thrown() != null);
    assertThat(reconnects()).isZero();
  }
}
