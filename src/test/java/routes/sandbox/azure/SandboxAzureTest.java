package routes.sandbox.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.sandbox.SandboxCloud;

/** Plain clients break and follow each rule of the hub. */
@Tag("slow")
@Timeout(120)
class SandboxAzureTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String KEY = AzureTestClient.KEY;
  private static final String EVENTS = "devices/edge-1/messages/events/";
  private static final String USER = "localhost/edge-1/?api-version=2021-04-12";

  @TempDir Path folder;
  private Certificates certificates;
  private SandboxAzure hub;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void start() {
    certificates = new Certificates(folder);
    hub = new SandboxAzure(folder.resolve("landed"), certificates).register("edge-1", KEY).start(0);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable client : opened) {
      client.close();
    }
    hub.close();
  }

  private AzureTestClient client(String host, String id, Certificates.Identity identity)
      throws Exception {
    AzureTestClient client = new AzureTestClient("ssl://" + host + ":" + hub.port(), id);
    opened.add(client);
    return client.tls(AzureTestClient.trusting(Path.of(hub.settings().get("AZURE_CA")), identity));
  }

  private AzureTestClient client(String id) throws Exception {
    return client("localhost", id, null);
  }

  private static String token(String sr) throws Exception {
    return AzureTestClient.token(sr, KEY, Instant.now().plusSeconds(60));
  }

  private AzureTestClient connected(String id) throws Exception {
    return client(id)
        .user(
            "localhost/" + id + "/?api-version=2021-04-12",
            token("localhost/devices/" + id.replace("/", "/modules/")))
        .connect();
  }

  private void refused(AzureTestClient client, int returnCode, String why) {
    assertThatThrownBy(client::connect)
        .isInstanceOfSatisfying(
            MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(returnCode));
    assertThat(hub.refusals()).last().asString().contains(why);
  }

  private void cutOff(AzureTestClient client, String why) {
    await().atMost(SOON).until(() -> !client.paho().isConnected());
    assertThat(hub.refusals()).last().asString().contains(why);
  }

  // Who may connect.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost%2Fdevices%2Fedge-1",
        "localhost/devices/edge-1",
        "localhost%2Fdevices",
        "localhost"
      })
  void acceptsATokenInEitherEncodingForAPathThatContainsTheDevice(String sr) throws Exception {
    client("localhost", "edge-1", null).user(USER, token(sr)).connect();
    await().atMost(SOON).until(() -> hub.clients().equals(Set.of("edge-1")));
  }

  @Test
  void theCertificateIsAlsoValidForTheAddress() throws Exception {
    client("127.0.0.1", "edge-1", null).user(USER, token("localhost/devices/edge-1")).connect();
    await().atMost(SOON).until(() -> hub.clients().equals(Set.of("edge-1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost/devices/edge",
        "localhost/devices/edge-1/modules",
        "localhost/devices/edge-12",
        "contoso.azure-devices.net/devices/edge-1",
        ""
      })
  void rejectsATokenForAnythingElse(String sr) throws Exception {
    refused(client("edge-1").user(USER, token(sr)), 5, "the token is for " + sr);
  }

  @Test
  void rejectsATokenOfAnotherKey() throws Exception {
    String other = "YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODk=";
    String token =
        AzureTestClient.token("localhost/devices/edge-1", other, Instant.now().plusSeconds(60));
    refused(client("edge-1").user(USER, token), 5, "signature is wrong");
  }

  @Test
  void aTokenIsSignedAsItIsSent() throws Exception {
    String token = token("localhost/devices/edge-1").replace("localhost/", "localhost%2F");
    refused(client("edge-1").user(USER, token), 5, "signature is wrong");
  }

  @Test
  void rejectsAnExpiredToken() throws Exception {
    String token =
        AzureTestClient.token("localhost/devices/edge-1", KEY, Instant.now().minusSeconds(1));
    refused(client("edge-1").user(USER, token), 5, "the token expired at");
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret", "SharedAccessSignature sr=localhost&sig=a", KEY})
  void rejectsAMalformedToken(String password) throws Exception {
    refused(client("edge-1").user(USER, password), 5, "sent no SAS token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "edge-1 | edge-1 | the user name is not",
        "edge-1 | localhost/edge-1 | the user name is not",
        "edge-1 | localhost/edge-1/ | the user name is not",
        "edge-1 | localhost/edge-1/?DeviceClientType=x | the user name is not",
        "edge-1 | contoso/edge-1/?api-version=2021-04-12 | the user name is not",
        "edge-2 | localhost/edge-1/?api-version=2021-04-12 | the client id does not match",
        "edge-2 | localhost/edge-2/?api-version=2021-04-12 | edge-2 is not registered",
      })
  void rejectsAnotherUserNameOrClientId(String id, String user, String why) throws Exception {
    refused(client(id).user(user, token("localhost/devices/edge-1")), 5, why);
  }

  @Test
  void disconnectsAndRejectsADisabledDevice() throws Exception {
    AzureTestClient client = connected("edge-1");
    hub.disable("edge-1");
    await().atMost(SOON).until(() -> !client.paho().isConnected());
    refused(client, 5, "edge-1 is disabled");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA-1", "SHA-256"})
  void acceptsASelfSignedCertificateByItsThumbprint(String algorithm) throws Exception {
    Certificates.Identity own = new Certificates(folder).ca();
    hub.registerThumbprint("edge-2", AzureDevice.thumbprint(own.certificate(), algorithm));
    client("localhost", "edge-2", own)
        .user("localhost/edge-2/?api-version=2021-04-12", null)
        .connect();
    await().atMost(SOON).until(() -> hub.clients().equals(Set.of("edge-2")));
  }

  @Test
  void rejectsAnotherCertificateAndNone() throws Exception {
    Certificates.Identity own = certificates.client("edge-2", Certificates.ec());
    Certificates.Identity other = certificates.client("edge-2", Certificates.ec());
    hub.registerThumbprint("edge-2", AzureDevice.thumbprint(own.certificate(), "SHA-256"));
    String user = "localhost/edge-2/?api-version=2021-04-12";
    refused(client("localhost", "edge-2", other).user(user, null), 5, "no certificate of a known");
    refused(client("edge-2").user(user, null), 5, "no certificate of a known");
    refused(
        client("localhost", "edge-2", own).user(user, token("localhost/devices/edge-2")),
        5,
        "sent a password");
  }

  @Test
  void aCertificateDoesNotReplaceTheTokenOfADeviceWithAKey() throws Exception {
    Certificates.Identity own = certificates.client("edge-1", Certificates.ec());
    refused(client("localhost", "edge-1", own).user(USER, null), 5, "sent no SAS token");
  }

  @Test
  void answersNothingWithoutTls() throws Exception {
    AzureTestClient client = new AzureTestClient("tcp://localhost:" + hub.port(), "edge-1");
    opened.add(client);
    client.user(USER, token("localhost/devices/edge-1"));
    assertThatThrownBy(client::connect).isInstanceOf(MqttException.class);
    assertThat(hub.clients()).isEmpty();
  }

  @Test
  void rejectsOtherMqttVersionsThan311() throws Exception {
    AzureTestClient old = client("edge-1").version(MqttConnectOptions.MQTT_VERSION_3_1);
    refused(old.user(USER, token("localhost/devices/edge-1")), 1, "level 3 is not 3.1.1");
    // CONNECT of MQTT 5 with client id a.
    try (var socket =
        AzureTestClient.trusting(Path.of(hub.settings().get("AZURE_CA")), null)
            .getSocketFactory()
            .createSocket("localhost", hub.port())) {
      socket.getOutputStream().write(HexFormat.of().parseHex("100e00044d5154540502003c00000161"));
      assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
          .matches("20..0084.*");
    }
    assertThat(hub.refusals()).last().asString().contains("level 5 is not 3.1.1");
  }

  // How a connection ends.

  @Test
  void theConnectionEndsWithItsToken() throws Exception {
    Instant expiry = Instant.now().plusSeconds(4);
    AzureTestClient client =
        client("edge-1")
            .user(USER, AzureTestClient.token("localhost/devices/edge-1", KEY, expiry))
            .connect();
    client.publish(EVENTS, "x");
    cutOff(client, "the token of edge-1 has expired");
    assertThat(Instant.now()).isAfterOrEqualTo(Instant.ofEpochSecond(expiry.getEpochSecond()));
  }

  @Test
  void aConnectionWithANewerTokenStays() throws Exception {
    Instant soon = Instant.now().plusSeconds(4);
    client("edge-1")
        .user(USER, AzureTestClient.token("localhost/devices/edge-1", KEY, soon))
        .connect();
    AzureTestClient newer = connected("edge-1");
    await().atMost(SOON).until(() -> Instant.now().isAfter(soon.plusMillis(500)));
    assertThat(newer.paho().isConnected()).isTrue();
    assertThat(hub.refusals()).isEmpty();
  }

  @Test
  void aSecondConnectionEndsTheFirst() throws Exception {
    AzureTestClient first = connected("edge-1");
    AzureTestClient second = connected("edge-1");
    await().atMost(SOON).until(() -> !first.paho().isConnected());
    second.publish(EVENTS, "x");
    await().atMost(SOON).until(() -> hub.clients().equals(Set.of("edge-1")));
  }

  @Test
  void aMessageWithQos2EndsTheConnection() throws Exception {
    AzureTestClient client = connected("edge-1");
    assertThatThrownBy(() -> client.publish(EVENTS, "x", 2, false))
        .isInstanceOf(MqttException.class);
    cutOff(client, "QoS 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metrics",
        "devices/edge-1/messages/events",
        "devices/edge-2/messages/events/",
        "devices/edge-1/modules/m/messages/events/",
        "devices/edge-1/messages/events/a=%zz",
        "devices/edge-1/messages/devicebound/",
        "$iothub/twin/GET/",
        "$iothub/twin/PATCH/properties/desired/?$rid=1",
        "$iothub/methods/res/ok/?$rid=1",
        "$iothub/methods/POST/ping/?$rid=1"
      })
  void anUnknownTopicEndsTheConnection(String topic) throws Exception {
    AzureTestClient client = connected("edge-1");
    assertThatThrownBy(() -> client.publish(topic, "{}")).isInstanceOf(MqttException.class);
    cutOff(client, "unknown topic: " + topic);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#",
        "devices/edge-1/messages/events/#",
        "devices/edge-1/messages/devicebound/",
        "devices/+/messages/devicebound/#",
        "devices/edge-2/messages/devicebound/#",
        "$iothub/#"
      })
  void anUnknownFilterEndsTheConnection(String filter) throws Exception {
    AzureTestClient client = connected("edge-1");
    assertThatThrownBy(() -> client.subscribe(filter)).isInstanceOf(MqttException.class);
    cutOff(client, "unknown filter: " + filter);
  }

  @Test
  void moreThanFiveSubscriptionsEndTheConnection() throws Exception {
    AzureTestClient client =
        connected("edge-1").subscribe("$iothub/twin/res/#", "$iothub/methods/POST/#");
    assertThatThrownBy(() -> client.subscribe("a", "b", "c", "d"))
        .isInstanceOf(MqttException.class);
    cutOff(client, "more than 5 subscriptions");
  }

  @Test
  void limitsPayloadAndPropertiesTo256Kilobytes() throws Exception {
    AzureTestClient client = connected("edge-1");
    String topic = EVENTS + "a=1";
    client.publish(topic, "x".repeat((256 << 10) - topic.length()));
    assertThatThrownBy(() -> client.publish(topic, "x".repeat((256 << 10) - topic.length() + 1)))
        .isInstanceOf(MqttException.class);
    cutOff(client, "more than 256 KB: 262145");
  }

  @Test
  void grantsQos1ForASubscriptionWithQos2() throws Exception {
    AzureTestClient client = connected("edge-1");
    assertThat(client.paho().subscribeWithResponse("$iothub/twin/res/#", 2).getGrantedQos())
        .containsExactly(1);
  }

  @Test
  void devicesDoNotReceiveEachOthersMessages() throws Exception {
    hub.register("edge-2", KEY);
    AzureTestClient other =
        connected("edge-2").subscribe("$iothub/twin/res/#", "$iothub/methods/POST/#");
    AzureTestClient client = connected("edge-1").subscribe("$iothub/twin/res/#");
    client.publish("$iothub/twin/GET/?$rid=1", "");
    await().atMost(SOON).until(() -> client.received.size() == 1);
    assertThat(other.received).isEmpty();
  }

  @Test
  void pubacksCanBeWithheld() throws Exception {
    AzureTestClient client = connected("edge-1");
    client.paho().setTimeToWait(300);
    hub.withholdPubacks(true);
    assertThatThrownBy(() -> client.publish(EVENTS, "x")).isInstanceOf(MqttException.class);
    assertThat(client.paho().isConnected()).isTrue();
    hub.withholdPubacks(false);
    client.publish(EVENTS, "x");
  }

  // Both directions.

  @Test
  void returnsTheResponseOfADirectMethod() throws Exception {
    AzureTestClient client = connected("edge-1").subscribe("$iothub/methods/POST/#");
    CompletableFuture<SandboxCloud.Reply> reply = hub.command("edge-1", "ping", "{\"a\":1}");
    await().atMost(SOON).until(() -> client.received.size() == 1);
    String id = client.received.get(0).replaceAll(".*=(\\w+) .*", "$1");
    assertThat(client.received)
        .containsExactly("$iothub/methods/POST/ping/?$rid=" + id + " {\"a\":1}");
    client.publish("$iothub/methods/res/200/?$rid=other", "{}");
    assertThat(reply).isNotDone();
    client.publish("$iothub/methods/res/202/?$rid=" + id, "{\"b\":2}");
    assertThat(reply.join()).isEqualTo(new SandboxCloud.Reply(202, "{\"b\":2}"));
  }

  @Test
  void returns404ForAMethodOfADisconnectedDevice() throws Exception {
    String away = "404103 DeviceNotOnline: edge-1 is not connected or not subscribed to methods";
    assertThatThrownBy(() -> hub.command("edge-1", "ping", "{}").join()).hasMessageEndingWith(away);
    connected("edge-1");
    assertThatThrownBy(() -> hub.command("edge-1", "ping", "{}").join()).hasMessageEndingWith(away);
    assertThatThrownBy(() -> hub.command("none", "ping", "{}").join())
        .hasMessageContaining("404103");
  }

  @Test
  void returns504ForAMethodWithoutAResponse() throws Exception {
    hub.withMethodTimeout(Duration.ofMillis(100));
    connected("edge-1").subscribe("$iothub/methods/POST/#");
    assertThatThrownBy(() -> hub.command("edge-1", "ping", "{}").join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("504101 GatewayTimeout: no answer from edge-1");
  }

  @Test
  void rejectsMethodsAndResponsesThatAreNotJson() throws Exception {
    AzureTestClient client = connected("edge-1").subscribe("$iothub/methods/POST/#");
    assertThatThrownBy(() -> hub.command("edge-1", "ping", "no JSON").join())
        .hasMessageContaining("400 ArgumentInvalid");
    CompletableFuture<SandboxCloud.Reply> reply = hub.command("edge-1", "ping", "{}");
    await().atMost(SOON).until(() -> client.received.size() == 1);
    String id = client.received.get(0).replaceAll(".*=(\\w+) .*", "$1");
    client.publish("$iothub/methods/res/200/?$rid=" + id, "no JSON");
    assertThatThrownBy(reply::join).hasMessageContaining("the device's answer is not JSON");
  }

  @Test
  void messagesWaitForADisconnectedDevice() throws Exception {
    for (int i = 0; i < 50; i++) {
      hub.send("edge-1", Map.of("command", "a b"), ("" + i).getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> hub.send("edge-1", Map.of(), new byte[0]))
        .hasMessage("403004 DeviceMaximumQueueDepthExceeded");
    AzureTestClient client = connected("edge-1").subscribe("devices/edge-1/messages/devicebound/#");
    await().atMost(SOON).until(() -> client.received.size() == 50);
    assertThat(client.received.get(0))
        .isEqualTo(
            "devices/edge-1/messages/devicebound/%24.to=%2Fdevices%2Fedge-1%2Fmessages%2FdeviceBound"
                + "&command=a%20b 0");
    hub.send("edge-1", Map.of("$.mid", "m"), new byte[0]);
    await().atMost(SOON).until(() -> client.received.size() == 51);
    assertThat(client.received.get(50)).contains("&%24.mid=m");
    assertThatThrownBy(() -> hub.send("edge-1", Map.of(), new byte[65_536]))
        .hasMessageContaining("64 KB");
  }

  @Test
  void readsAndUpdatesATwin() throws Exception {
    AzureTestClient client =
        connected("edge-1")
            .subscribe("$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#");
    String report = "$iothub/twin/PATCH/properties/reported/?$rid=";
    client.publish(report + "1", "{\"os\":{\"name\":\"Linux\",\"version\":\"6\"},\"gone\":1}");
    client.publish(report + "2", "{\"os\":{\"version\":\"7\"},\"gone\":null,\"list\":[1]}");
    hub.desire("edge-1", "{\"period\":\"5s\"}");
    client.publish("$iothub/twin/GET/?$rid=3", "");
    await().atMost(SOON).until(() -> client.received.size() == 4);
    assertThat(client.received)
        .containsExactlyInAnyOrder(
            "$iothub/twin/res/204/?$rid=1&$version=2 ",
            "$iothub/twin/res/204/?$rid=2&$version=3 ",
            "$iothub/twin/PATCH/properties/desired/?$version=2 {\"period\":\"5s\",\"$version\":2}",
            "$iothub/twin/res/200/?$rid=3 {\"desired\":{\"period\":\"5s\",\"$version\":2},"
                + "\"reported\":{\"os\":{\"name\":\"Linux\",\"version\":\"7\"},\"list\":[1],"
                + "\"$version\":3}}");
    assertThat(hub.reported("edge-1").path("os").path("version").asText()).isEqualTo("7");
  }

  static List<String> illegal() {
    String deep = "{\"a\":".repeat(11) + "{\"b\":1}" + "}".repeat(11);
    String large = "{\"a\":[" + ("\"" + "x".repeat(4096) + "\",").repeat(9);
    return List.of(
        "[]",
        "no JSON",
        "{\"a.b\":1}",
        "{\"a\":{\"$b\":1}}",
        "{\"a b\":1}",
        "{\"a\\u0001\":1}",
        "{\"a\":[{\"b.c\":1}]}",
        "{\"a\":4503599627370496}",
        "{\"a\":\"" + "x".repeat(4097) + "\"}",
        deep,
        large.substring(0, large.length() - 1) + "]}");
  }

  @ParameterizedTest
  @MethodSource("illegal")
  void returns400ForInvalidTwinProperties(String patch) throws Exception {
    AzureTestClient client = connected("edge-1").subscribe("$iothub/twin/res/#");
    client.publish("$iothub/twin/PATCH/properties/reported/?$rid=1", patch);
    await().atMost(SOON).until(() -> client.received.size() == 1);
    assertThat(client.received.get(0)).startsWith("$iothub/twin/res/400/?$rid=1 ");
    assertThat(hub.reported("edge-1")).isEmpty();
    assertThat(client.paho().isConnected()).isTrue();
  }

  @Test
  void aModulePublishesToItsOwnTopics() throws Exception {
    hub.register("edge-1/m", KEY);
    AzureTestClient module = connected("edge-1/m").subscribe("$iothub/methods/POST/#");
    module.publish("devices/edge-1/modules/m/messages/events/", "x");
    assertThat(hub.settings("edge-1/m").get("AZURE_CONNECTION_STRING"))
        .isEqualTo("HostName=localhost;DeviceId=edge-1;ModuleId=m;SharedAccessKey=" + KEY);
  }

  // Sessions and wills.

  @Test
  void aMessageReachesAReconnectedDeviceWithoutSubscribing() throws Exception {
    AzureTestClient first = connected("edge-1").subscribe("devices/edge-1/messages/devicebound/#");
    first.paho().disconnect();
    await().atMost(SOON).until(() -> hub.clients().isEmpty());
    hub.send("edge-1", Map.of(), "x".getBytes(StandardCharsets.UTF_8));
    AzureTestClient again = client("edge-1");
    again.listen().user(USER, token("localhost/devices/edge-1")).connect();
    await().atMost(SOON).until(() -> again.received.size() == 1);
    assertThat(again.received.get(0)).endsWith(" x");
  }

  @Test
  void recordsAWillAsTelemetryWithAProperty() throws Exception {
    hub.withBatchTime(Duration.ofMillis(100));
    AzureTestClient client = client("edge-1").will(EVENTS + "a=b", "gone");
    client.user(USER, token("localhost/devices/edge-1")).connect();
    client.paho().disconnectForcibly(0, 0, false);
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              try (Stream<Path> files = Files.walk(folder.resolve("landed"))) {
                Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
                assertThat(Files.readString(file))
                    .contains("\"iothub-MessageType\":\"Will\"")
                    .contains("\"a\":\"b\"");
              }
            });
    refused(
        client("edge-1").will("other", "x").user(USER, token("localhost/devices/edge-1")),
        5,
        "a will that is not telemetry: other");
  }

  // MQTT in a WebSocket.

  /** The received bytes regardless of frames, and the frames. */
  private static final class Frames implements WebSocket.Listener {
    private final StringBuffer hex = new StringBuffer();
    private final List<String> kinds = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer data) {
      kinds.add("ping");
      return WebSocket.Listener.super.onPing(socket, data);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      kinds.add(last ? "whole" : "part");
      hex.append(HexFormat.of().formatHex(bytes));
      socket.request(1);
      return null;
    }
  }

  private CompletableFuture<WebSocket> webSocket(String path, Frames frames) throws Exception {
    return HttpClient.newBuilder()
        .sslContext(AzureTestClient.trusting(Path.of(hub.settings().get("AZURE_CA")), null))
        .build()
        .newWebSocketBuilder()
        .subprotocols("mqtt")
        .buildAsync(URI.create("wss://localhost:" + hub.port() + path), frames)
        .orTimeout(10, TimeUnit.SECONDS);
  }

  /** A packet field: two bytes of length, then text. */
  private static void field(ByteBuffer packet, String text) {
    packet.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void servesMqttOverWebSocketOnlyAtThePathOfTheHub() throws Exception {
    Frames frames = new Frames();
    WebSocket socket = webSocket("/$iothub/websocket?iothub-no-client-cert=true", frames).join();
    ByteBuffer connect = ByteBuffer.allocate(1024);
    field(connect, "MQTT");
    connect.put((byte) 4).put((byte) 0xC0).putShort((short) 60);
    field(connect, "edge-1");
    field(connect, USER);
    field(connect, token("localhost/devices/edge-1"));
    int length = connect.flip().remaining();
    ByteBuffer packet = ByteBuffer.allocate(length + 3);
    packet.put((byte) 0x10).put((byte) (length & 0x7F | 0x80)).put((byte) (length >> 7));
    socket.sendBinary(packet.put(connect).flip(), true).join();
    await().atMost(SOON).until(() -> frames.hex.toString().equals("20020000"));
    // Python's clients answer a ping without a mask (RFC 6455, 5.3) and would be disconnected.
    assertThat(frames.kinds).containsExactly("whole");
    await().atMost(SOON).until(() -> hub.clients().equals(Set.of("edge-1")));
    socket.abort();
    assertThatThrownBy(() -> webSocket("/mqtt", new Frames()).join())
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
  }
}
