package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static routes.sandbox.aws.AwsPolicyTest.policy;
import static routes.sandbox.aws.AwsPolicyTest.statement;
import static routes.sandbox.aws.PlainClients.SOON;
import static routes.sandbox.aws.PlainClients.assertCut;
import static routes.sandbox.aws.PlainClients.collect;
import static routes.sandbox.aws.PlainClients.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.sandbox.SandboxCloud;

/** Plain Paho clients break each rule of AWS IoT Core that the stand-in enforces. */
@Tag("slow")
@Timeout(120)
class SandboxAwsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ALL = policy(statement("Allow", "iot:*", "*"));
  private static final int NOT_AUTHORIZED = 0x87;
  private static final int TIMED_OUT = 32_000;
  private static final int SUBSCRIBE_FAILED = 128;

  @TempDir Path folder;
  private Certificates certificates;
  private SandboxAws cloud;
  private PlainClients clients;

  @BeforeEach
  void start() throws IOException {
    certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    cloud = new SandboxAws(landed(), certificates).start(0);
    clients = new PlainClients(cloud.port(), certificates);
  }

  @AfterEach
  void stop() {
    clients.close();
    cloud.close();
    await().atMost(SOON).untilAsserted(() -> assertThat(PlainClients.threads()).isEmpty());
  }

  private Path landed() {
    return folder.resolve("landed");
  }

  private List<Path> objects() throws IOException {
    if (!Files.exists(landed())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(landed())) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** A certificate with a policy, attached to a thing of that name. */
  private Certificates.Identity registered(String thing, String policy) {
    Certificates.Identity identity = certificates.client(thing, Certificates.ec());
    cloud.register(identity.certificate(), policy, thing);
    return identity;
  }

  private Certificates.Identity device() {
    return registered("edge-1", SandboxAws.policy(Path.of("docs/aws-policy.json")));
  }

  private MqttClient all(String id) throws Exception {
    return clients.five(id, registered(id, ALL));
  }

  private static int reason(Throwable thrown) {
    return thrown instanceof MqttException five
        ? five.getReasonCode()
        : ((org.eclipse.paho.client.mqttv3.MqttException) thrown).getReasonCode();
  }

  // Who may connect

  @Test
  void storesSamplesOfBothMqttVersions() throws Exception {
    publish(clients.five("edge-1", device()), "devices/edge-1/metrics", "{\"n\":5}");
    clients
        .three("edge-1", device(), 60)
        .publish("devices/edge-1/metrics", "{\"n\":3}".getBytes(), 1, false);
    assertThat(objects()).hasSize(2);
    assertThat(objects())
        .allSatisfy(
            object -> assertThat(object).startsWith(landed().resolve("devices/edge-1/metrics")))
        .extracting(Files::readString)
        .containsExactlyInAnyOrder("{\"n\":5}", "{\"n\":3}");
  }

  /** With docs/aws-policy.json and the rule of cloud/aws: to its topic, and by Basic Ingest. */
  @ParameterizedTest
  @ValueSource(strings = {"", "$aws/rules/device_metrics/"})
  void storesABinaryPayloadOfAnyKindUnchanged(String prefix) throws Exception {
    byte[] payload = {0, (byte) 0xff, (byte) 0xc3, '{', 10, 0};
    List<String> kinds = List.of("press1", "line-2.press_1");
    for (String kind : kinds) {
      String topic = prefix + "devices/edge-1/" + kind;
      clients.five("edge-1", device()).publish(topic, payload, 1, false);
      clients.three("edge-1", device(), 60).publish(topic, payload, 1, false);
    }
    assertThat(objects()).hasSize(4);
    for (Path object : objects()) {
      assertThat(kinds).contains(landed().relativize(object).getName(2).toString());
      assertThat(Files.readAllBytes(object)).isEqualTo(payload);
    }
  }

  @Test
  void settingsFilesMatchThoseOfTheCli() throws Exception {
    assertThat(cloud.settings())
        .containsEntry("AWS_ENDPOINT", "localhost:" + cloud.port())
        .containsEntry("AWS_THING", "edge-1");
    assertThat(Files.readString(Path.of(cloud.settings().get("AWS_PRIVATE_KEY"))))
        .startsWith("-----BEGIN RSA PRIVATE KEY-----");
  }

  @Test
  void tlsFailsWithoutACertificateOfTheCa() throws Exception {
    assertThat(connect(cloud, device())).isEmpty();
    assertThatThrownBy(() -> connect(cloud, null)).isInstanceOf(IOException.class);
    Certificates.Identity foreign = new Certificates(folder).client("edge-1", Certificates.ec());
    assertThatThrownBy(() -> connect(cloud, foreign)).isInstanceOf(IOException.class);
  }

  @Test
  void rejectsAnUnregisteredCertificateAtConnect() {
    Certificates.Identity unknown = certificates.client("edge-1", Certificates.ec());
    assertThatThrownBy(() -> clients.five("edge-1", unknown))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(NOT_AUTHORIZED));
    assertThatThrownBy(() -> clients.three("edge-1", unknown, 60))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(7));
  }

  @Test
  void aCertificateConnectsOnlyAsItsThing() {
    assertThatThrownBy(() -> clients.five("edge-2", device()))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(NOT_AUTHORIZED));
    Certificates.Identity loose = certificates.client("edge-1", Certificates.ec());
    cloud.register(loose.certificate(), SandboxAws.policy(Path.of("docs/aws-policy.json")), null);
    assertThatThrownBy(() -> clients.five("edge-1", loose))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(NOT_AUTHORIZED));
  }

  @Test
  void rejectsLongAndReservedClientIds() throws Exception {
    Certificates.Identity identity = registered("x", ALL);
    clients.five("x".repeat(128), identity);
    for (String id : new String[] {"x".repeat(129), "$GEN/1"}) {
      assertThatThrownBy(() -> clients.five(id, identity))
          .satisfies(e -> assertThat(reason(e)).isEqualTo(0x85));
      assertThatThrownBy(() -> clients.three(id, identity, 60))
          .satisfies(e -> assertThat(reason(e)).isEqualTo(2));
    }
  }

  @Test
  void theNewestConnectionOfAClientIdReplacesOthers() throws Exception {
    MqttClient first = clients.five("edge-1", device());
    MqttClient second = clients.five("edge-1", device());
    assertCut(first);
    assertThat(second.isConnected()).isTrue();
    connect(cloud.start443(0), device(), SandboxAws.ALPN);
    assertCut(second);
  }

  @Test
  void port443RequiresMqttByAlpn() throws Exception {
    SandboxAws port443 = cloud.start443(0);
    assertThat(connect(port443, device(), SandboxAws.ALPN)).isEqualTo(SandboxAws.ALPN);
    assertThatThrownBy(() -> connect(port443, device(), "mqtt")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> connect(port443, device())).isInstanceOf(IOException.class);
  }

  /**
   * Connects byte by byte, and asks for protocols by ALPN.
   *
   * @return the negotiated protocol
   * @throws IOException when TLS fails or no CONNACK comes
   */
  private String connect(SandboxAws to, Certificates.Identity identity, String... protocols)
      throws IOException {
    try (SSLSocket socket =
        (SSLSocket) clients.tls(identity).getSocketFactory().createSocket("localhost", to.port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(protocols);
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(10_000);
      // CONNECT of client "edge-1" (3.1.1, 3.1).
      socket
          .getOutputStream()
          .write(HexFormat.of().parseHex("101200044d5154540402003c0006656467652d31"));
      if (socket.getInputStream().read() != 0x20) {
        throw new IOException("no CONNACK");
      }
      return socket.getApplicationProtocol();
    }
  }

  @Test
  void connackContainsTheLimits() throws Exception {
    assertThat(connack(60).getReceiveMaximum()).isEqualTo(100);
    assertThat(connack(60).getMaximumPacketSize()).isEqualTo(146 * 1024);
    assertThat(connack(60).getServerKeepAlive()).isNull();
    assertThat(connack(0).getServerKeepAlive()).isEqualTo(1_200);
    assertThat(connack(5).getServerKeepAlive()).isEqualTo(30);
    assertThat(connack(2_000).getServerKeepAlive()).isEqualTo(1_200);
  }

  private MqttProperties connack(int keepAlive) throws Exception {
    MqttConnectionOptions options = clients.options(device());
    options.setKeepAliveInterval(keepAlive);
    MqttClient client = new MqttClient(clients.url(), "edge-1", new MemoryPersistence());
    try {
      IMqttToken token = client.connectWithResult(options);
      return token.getResponseProperties();
    } finally {
      client.disconnectForcibly(0, 0, false);
    }
  }

  @Test
  void disconnectsAClientThatSendsNoPings() throws Exception {
    cloud.leastKeepAlive = 1;
    cloud.mostKeepAlive = 1;
    org.eclipse.paho.client.mqttv3.MqttClient client = clients.three("edge-1", device(), 0);
    assertThat(client.isConnected()).isTrue();
    await().atMost(SOON).until(() -> !client.isConnected());
  }

  // What may be published

  @ParameterizedTest
  @ValueSource(
      strings = {
        "devices/edge-2/metrics",
        "devices/edge-10/metrics",
        "devices/edge-1",
        "$aws/rules/device_metrics/devices/edge-2/metrics",
        "$aws/things/edge-2/shadow/update",
        "$aws/rules/other_rule/devices/edge-1/metrics",
        "cmd/edge-1/reboot"
      })
  void aTopicOutsideThePolicyEndsTheConnection(String topic) throws Exception {
    MqttClient five = clients.five("edge-1", device());
    assertThatThrownBy(() -> publish(five, topic, "{}")).isInstanceOf(MqttException.class);
    assertCut(five);
    org.eclipse.paho.client.mqttv3.MqttClient three = clients.three("edge-1", device(), 60);
    assertThatThrownBy(() -> three.publish(topic, "{}".getBytes(), 1, false))
        .isInstanceOf(org.eclipse.paho.client.mqttv3.MqttException.class);
    await().atMost(SOON).until(() -> !three.isConnected());
    assertThat(objects()).isEmpty();
  }

  @Test
  void aDeniedTopicEndsTheConnectionEvenIfAlsoAllowed() throws Exception {
    String policy =
        policy(statement("Allow", "iot:*", "*"), statement("Deny", "iot:Publish", "topic/secret"));
    MqttClient client = clients.five("a", registered("a", policy));
    publish(client, "open", "{}");
    assertThatThrownBy(() -> publish(client, "secret", "{}")).isInstanceOf(MqttException.class);
    assertCut(client);
  }

  @ParameterizedTest
  @ValueSource(strings = {"$SYS/a", "$aws/events/a", "$aws/things/a/shadow", "$aws/rules/a"})
  void aReservedTopicEndsTheConnection(String topic) throws Exception {
    MqttClient client = all("a");
    assertThatThrownBy(() -> publish(client, topic, "{}")).isInstanceOf(MqttException.class);
    assertCut(client);
  }

  @Test
  void limitsAPayloadTo128Kilobytes() throws Exception {
    MqttClient client = all("a");
    client.publish("t", new byte[128 * 1024], 1, false);
    assertThatThrownBy(() -> client.publish("t", new byte[128 * 1024 + 1], 1, false))
        .isInstanceOf(MqttException.class);
    assertCut(client);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "$aws/rules/device_metrics/"})
  void limitsATopicTo256BytesAnd7SlashesWithoutBasicIngestPrefix(String prefix) throws Exception {
    MqttClient client = all("a");
    publish(client, prefix + "x".repeat(256), "{}");
    publish(client, prefix + "a/b/c/d/e/f/g/h", "{}");
    assertThatThrownBy(() -> publish(client, prefix + "x".repeat(257), "{}"))
        .isInstanceOf(MqttException.class);
    assertCut(client);
    MqttClient again = all("a");
    assertThatThrownBy(() -> publish(again, prefix + "a/b/c/d/e/f/g/h/i", "{}"))
        .isInstanceOf(MqttException.class);
    assertCut(again);
  }

  /** An MQTT 5 client respects the Maximum QoS of the CONNACK. */
  @Test
  void qos2IsNotAnswered() throws Exception {
    org.eclipse.paho.client.mqttv3.MqttClient client = clients.three("a", registered("a", ALL), 60);
    client.setTimeToWait(500);
    assertThatThrownBy(() -> client.publish("t", "{}".getBytes(), 2, false))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(TIMED_OUT));
    org.eclipse.paho.client.mqttv3.MqttClient other = clients.three("b", registered("b", ALL), 60);
    other.setTimeToWait(500);
    assertThatThrownBy(() -> other.subscribe("t", 2))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(TIMED_OUT));
    assertThat(client.isConnected() && other.isConnected()).isTrue();
    assertThat(cloud.refusals()).hasSize(2).allMatch(line -> line.contains("QoS 2"));
  }

  @Test
  void discardsMessagesAboveTheRateWithoutAPuback() throws Exception {
    cloud.publishRate = 20;
    MqttClient client = clients.five("edge-1", device());
    client.setTimeToWait(300);
    for (int i = 0; i < 20; i++) {
      publish(client, "devices/edge-1/metrics", "{}");
    }
    assertThatThrownBy(() -> publish(client, "devices/edge-1/metrics", "{}"))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(TIMED_OUT));
    assertThat(objects()).hasSize(20);
    assertThat(cloud.discarded).hasValue(1);
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(() -> publish(client, "devices/edge-1/metrics", "{}"));
    assertThat(objects()).hasSize(21);
  }

  @Test
  void theRateLimitAppliesToEverySecond() {
    RateLimit limit = new RateLimit(2);
    long second = TimeUnit.SECONDS.toNanos(1);
    assertThat(limit.take(0)).isTrue();
    assertThat(limit.take(second / 2)).isTrue();
    assertThat(limit.take(second - 1)).isFalse();
    assertThat(limit.take(second)).isTrue();
    assertThat(limit.take(second + 1)).isFalse();
    assertThat(limit.take(second + second / 2)).isTrue();
  }

  @Test
  void retainNeedsItsOwnPermission() throws Exception {
    MqttClient without =
        clients.five(
            "a",
            registered(
                "a",
                policy(
                    statement("Allow", "iot:Connect", "*"),
                    statement("Allow", "iot:Publish", "*"))));
    assertThatThrownBy(() -> without.publish("t", "{}".getBytes(), 1, true))
        .isInstanceOf(MqttException.class);
    assertCut(without);
    MqttClient with = all("b");
    with.publish("t", "{}".getBytes(), 1, true);
    assertThatThrownBy(() -> with.publish("$aws/things/b/shadow/get", "{}".getBytes(), 1, true))
        .isInstanceOf(MqttException.class);
    assertCut(with);
  }

  // What may be subscribed to, and what arrives

  @ParameterizedTest
  @ValueSource(
      strings = {"cmd/edge-2/+", "cmd/edge-1/#", "cmd/edge-1/reboot", "#", "a/b/c/d/e/f/g/h/i"})
  void aFilterOutsideThePolicyEndsTheConnection(String filter) throws Exception {
    MqttClient five = clients.five("edge-1", device());
    assertThatThrownBy(() -> five.subscribe(filter, 1)).isInstanceOf(MqttException.class);
    assertCut(five);
    org.eclipse.paho.client.mqttv3.MqttClient three = clients.three("edge-1", device(), 60);
    assertThatThrownBy(() -> three.subscribe(filter, 1))
        .isInstanceOf(org.eclipse.paho.client.mqttv3.MqttException.class);
    await().atMost(SOON).until(() -> !three.isConnected());
  }

  @Test
  void limitsASubscribeTo8Filters() throws Exception {
    MqttClient client = all("a");
    String[] nine = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    int[] qos = new int[9];
    client.subscribe(Arrays.copyOf(nine, 8), Arrays.copyOf(qos, 8));
    assertThatThrownBy(() -> client.subscribe(nine, qos)).isInstanceOf(MqttException.class);
    assertCut(client);
  }

  @Test
  void limitsAConnectionTo50Subscriptions() throws Exception {
    org.eclipse.paho.client.mqttv3.MqttClient client = clients.three("a", registered("a", ALL), 60);
    for (int i = 0; i < 50; i++) {
      client.subscribe("t/" + i, 1);
    }
    client.subscribe("t/0", 0);
    assertThatThrownBy(() -> client.subscribe("t/50", 1))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(SUBSCRIBE_FAILED));
    client.unsubscribe("t/0");
    client.subscribe("t/50", 1);
    assertThat(client.isConnected()).isTrue();
  }

  @Test
  void deliversMessagesOnlyWhereReceiveIsAllowed() throws Exception {
    MqttClient deaf =
        clients.five(
            "a",
            registered(
                "a",
                policy(
                    statement("Allow", "iot:Connect", "*"),
                    statement("Allow", "iot:Subscribe", "*"),
                    statement("Allow", "iot:Receive", "topic/open"))));
    List<String> received = collect(deaf, "secret", "open");
    MqttClient sender = all("b");
    publish(sender, "secret", "1");
    publish(sender, "open", "2");
    await().atMost(SOON).until(() -> !received.isEmpty());
    assertThat(received).containsExactly("open 2");
  }

  // Rules

  @Test
  void acknowledgesAStringThatTheRuleFailsOn() throws Exception {
    publish(clients.five("edge-1", device()), "devices/edge-1/metrics", "\"Hello World! [1]\"");
    assertThat(objects()).containsExactly(landed().resolve("errors.jsonl"));
  }

  @Test
  void basicIngestReachesOnlyItsRule() throws Exception {
    List<String> received = collect(all("b"), "#", "devices/edge-1/metrics");
    MqttClient device = clients.five("edge-1", device());
    publish(device, "$aws/rules/device_metrics/devices/edge-1/metrics", "{\"n\":1}");
    assertThat(objects()).hasSize(1);
    assertThat(objects().get(0)).startsWith(landed().resolve("devices/edge-1/metrics"));
    publish(device, "devices/edge-1/metrics", "{\"n\":2}");
    await().atMost(SOON).until(() -> !received.isEmpty());
    assertThat(received).containsOnly("devices/edge-1/metrics {\"n\":2}");
    publish(all("c"), "$aws/rules/no_such_rule/x", "{}");
    assertThat(objects()).hasSize(2);
  }

  // The shadow and commands

  @Test
  void theShadowAnswersSubscribers() throws Exception {
    MqttClient client = all("a");
    String shadow = "$aws/things/a/shadow/";
    List<String> received = collect(client, shadow + "+/+");
    publish(client, shadow + "get", "");
    publish(client, shadow + "update", "{\"state\":{\"reported\":{\"period\":1}}}");
    publish(client, shadow + "update", "{");
    cloud.desire("a", "{\"period\":2}");
    await().atMost(SOON).until(() -> received.size() == 7);
    assertThat(received)
        .extracting(line -> line.substring(shadow.length(), line.indexOf(' ')))
        .containsExactly(
            "get/rejected",
            "update/accepted",
            "update/documents",
            "update/rejected",
            "update/accepted",
            "update/delta",
            "update/documents");
    assertThat(received.get(5)).contains("\"state\":{\"period\":2}");
    assertThat(JSON.readTree(cloud.shadow("a")).at("/reported/period").asInt()).isEqualTo(1);
  }

  @Test
  void sendsACommandAsAnMqtt5Request() throws Exception {
    MqttClient device = clients.five("edge-1", device());
    CompletableFuture<MqttMessage> request = new CompletableFuture<>();
    device.setCallback(
        new SilentCallback() {
          @Override
          public void messageArrived(String topic, MqttMessage message) {
            request.complete(message);
          }
        });
    device.subscribe("cmd/edge-1/+", 1);
    CompletableFuture<SandboxCloud.Reply> reply = cloud.command("edge-1", "ping", "{\"a\":1}");
    MqttMessage message = request.get(60, TimeUnit.SECONDS);
    assertThat(message.toString()).isEqualTo("{\"a\":1}");
    MqttProperties properties = new MqttProperties();
    properties.setCorrelationData(message.getProperties().getCorrelationData());
    properties.setUserProperties(List.of(new UserProperty("status", "403")));
    MqttMessage answer = new MqttMessage("no".getBytes(), 1, false, properties);
    device.publish(message.getProperties().getResponseTopic(), answer);
    assertThat(reply.get(60, TimeUnit.SECONDS)).isEqualTo(new SandboxCloud.Reply(403, "no"));
  }

  @Test
  void reportsInvalidDesiredState() {
    assertThatThrownBy(() -> cloud.desire("a", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("desired node must be an object");
    assertThatThrownBy(() -> cloud.desire("a", "{")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCommandToADisconnectedDeviceFailsAtOnce() {
    assertThatThrownBy(() -> cloud.command("edge-1", "ping", "").get(1, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("edge-1 is not connected");
  }
}
