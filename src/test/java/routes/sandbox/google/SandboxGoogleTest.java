package routes.sandbox.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.sandbox.SandboxCloud;

/** Plain Paho clients break each rule of the protocol. */
@Tag("slow")
@Timeout(120)
class SandboxGoogleTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final KeyPair EC = Certificates.ec();
  private static final KeyPair RSA = Certificates.rsa();
  private static final String ES256 = "{\"alg\":\"ES256\",\"typ\":\"JWT\"}";
  private static final String DEVICE = "/devices/edge-1/";

  @TempDir Path folder;
  private SandboxGoogle cloud;
  private SSLContext tls;
  private final List<MqttClient> clients = new ArrayList<>();
  private final List<String> received = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    Certificates certificates = new Certificates(folder);
    cloud = new SandboxGoogle(folder.resolve("landed"), certificates);
    cloud.register("edge-1", EC.getPublic(), RSA.getPublic()).start(0);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", certificates.ca().certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
  }

  @AfterEach
  void stop() throws MqttException {
    for (MqttClient client : clients) {
      if (client.isConnected()) {
        client.disconnectForcibly(0, 100);
      }
      client.close(true);
    }
    cloud.close();
  }

  private static String claims(long iat, long exp) {
    long now = Instant.now().getEpochSecond();
    return "{\"iat\":%d,\"exp\":%d,\"aud\":\"sandbox-project\"}".formatted(now + iat, now + exp);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String token(String header, String claims, String signature, PrivateKey key) {
    String text =
        base64(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + base64(claims.getBytes(StandardCharsets.UTF_8));
    try {
      Signature signing = Signature.getInstance(signature);
      signing.initSign(key);
      signing.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + base64(signing.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String es256(String claims) {
    return token(ES256, claims, "SHA256withECDSAinP1363Format", EC.getPrivate());
  }

  private static String good() {
    return es256(claims(0, 3600));
  }

  private MqttConnectOptions options(String password) {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    options.setSocketFactory(tls.getSocketFactory());
    options.setUserName("unused");
    options.setPassword(password.toCharArray());
    options.setConnectionTimeout(5);
    return options;
  }

  private MqttClient connect(String id, MqttConnectOptions options) throws MqttException {
    MqttClient client =
        new MqttClient("ssl://localhost:" + cloud.port(), id, new MemoryPersistence());
    clients.add(client);
    client.setTimeToWait(5000);
    client.connect(options);
    return client;
  }

  private MqttClient connect() throws MqttException {
    return connect(SandboxGoogle.clientId("edge-1"), options(good()));
  }

  private int refused(String id, MqttConnectOptions options) {
    MqttException refusal = catchThrowableOfType(MqttException.class, () -> connect(id, options));
    assertThat(refusal).as("refused").isNotNull();
    return refusal.getReasonCode();
  }

  private interface Breach {
    void commit(MqttClient client) throws MqttException;
  }

  private void ends(MqttClient client, Breach breach) {
    try {
      breach.commit(client);
    } catch (MqttException e) {
      // The connection counts.
    }
    await().atMost(SOON).until(() -> !client.isConnected());
  }

  private List<JsonNode> landed(String file) throws IOException {
    Path path = folder.resolve("landed").resolve(file);
    List<JsonNode> messages = new ArrayList<>();
    for (String line : Files.exists(path) ? Files.readAllLines(path) : List.<String>of()) {
      messages.add(JSON.readTree(line));
    }
    return messages;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void storesABinaryPayloadOfAnyKindUnchanged() throws Exception {
    byte[] payload = {0, (byte) 0xff, (byte) 0xc3, '{', 10, 0};
    MqttClient client = connect();
    for (String kind : List.of("press1", "line-2.press_1")) {
      client.publish(DEVICE + "events/" + kind, payload, 1, false);
    }
    List<JsonNode> messages = landed("telemetry.jsonl");
    assertThat(messages)
        .extracting(message -> message.at("/attributes/subFolder").asText())
        .containsExactly("press1", "line-2.press_1");
    for (JsonNode message : messages) {
      assertThat(message.path("data").binaryValue()).isEqualTo(payload);
    }
  }

  @Test
  void storesTelemetryAsPubSubDeliversIt() throws Exception {
    MqttClient client = connect();
    client.publish(DEVICE + "events", bytes("{\"cpu\":1}"), 1, false);
    client.publish(DEVICE + "events/alerts/hot", bytes("x"), 1, false);
    client.publish(DEVICE + "events", new byte[256 * 1024], 1, false);
    List<JsonNode> messages = landed("telemetry.jsonl");
    assertThat(messages).hasSize(3);
    JsonNode first = messages.get(0);
    assertThat(first.path("data").binaryValue()).isEqualTo(bytes("{\"cpu\":1}"));
    assertThat(first.path("messageId").asText()).isEqualTo("1");
    assertThat(Instant.parse(first.path("publishTime").asText())).isBefore(Instant.now());
    assertThat(first.path("attributes").toString())
        .isEqualTo(
            "{\"deviceId\":\"edge-1\",\"deviceNumId\":\"2500000000000000\","
                + "\"deviceRegistryId\":\"sandbox-registry\","
                + "\"deviceRegistryLocation\":\"europe-west1\","
                + "\"projectId\":\"sandbox-project\"}");
    assertThat(messages.get(1).at("/attributes/subFolder").asText()).isEqualTo("alerts/hot");
  }

  @Test
  void acceptsOneStatePerSecond() throws Exception {
    MqttClient client = connect();
    client.publish(DEVICE + "state", new byte[64 * 1024], 1, false);
    ends(client, late -> late.publish(DEVICE + "state", bytes("2"), 1, false));
    cloud.statePause = Duration.ZERO;
    connect().publish(DEVICE + "state", bytes("3"), 1, false);
    assertThat(landed("state.jsonl")).hasSize(2);
    assertThat(landed("state.jsonl").get(1).path("data").binaryValue()).isEqualTo(bytes("3"));
  }

  static Stream<Arguments> goodTokens() {
    String rs256 = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
    return Stream.of(
        Arguments.of("ES256", good()),
        Arguments.of("RS256", token(rs256, claims(0, 86_400), "SHA256withRSA", RSA.getPrivate())),
        Arguments.of("nine minutes fast", es256(claims(540, 3600))),
        Arguments.of("ended nine minutes ago", es256(claims(-3600, -540))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goodTokens")
  void acceptsAValidToken(String name, String token) throws MqttException {
    MqttConnectOptions options = options(token);
    options.setUserName("anything");
    assertThat(connect(SandboxGoogle.clientId("edge-1"), options).isConnected()).isTrue();
  }

  static Stream<Arguments> badTokens() {
    KeyPair strange = Certificates.ec();
    String raw = "SHA256withECDSAinP1363Format";
    String padded = Base64.getUrlEncoder().encodeToString(bytes(claims(0, 3600) + " "));
    String[] parts = good().split("\\.");
    String signed = "signed by no registered key with ";
    return Stream.of(
        Arguments.of("nothing", "", 4, "no token of three parts"),
        Arguments.of("two parts", parts[0] + "." + parts[1], 4, "no token of three parts"),
        Arguments.of(
            "padding", parts[0] + "." + parts[1] + "." + parts[2] + "==", 4, "strict base64url"),
        Arguments.of(
            "padded claims", parts[0] + "." + padded + "=." + parts[2], 4, "strict base64url"),
        Arguments.of("plain base64", parts[0] + ".a+/b." + parts[2], 4, "strict base64url"),
        Arguments.of("no JSON", parts[0] + ".YWJj." + parts[2], 4, "not a JSON object"),
        Arguments.of(
            "another key", token(ES256, claims(0, 60), raw, strange.getPrivate()), 19, signed),
        Arguments.of("changed claims", parts[0] + ".e30." + parts[2], 19, signed),
        Arguments.of(
            "a signature in DER",
            token(ES256, claims(0, 60), "SHA256withECDSA", EC.getPrivate()),
            19,
            signed),
        Arguments.of(
            "the algorithm of another key",
            token(ES256, claims(0, 60), "SHA256withRSA", RSA.getPrivate()),
            19,
            signed),
        Arguments.of(
            "no algorithm",
            token("{\"alg\":\"none\"}", claims(0, 60), raw, EC.getPrivate()),
            19,
            signed),
        Arguments.of(
            "an algorithm that is not taken",
            token("{\"alg\":\"RS512\"}", claims(0, 60), "SHA512withRSA", RSA.getPrivate()),
            19,
            signed),
        Arguments.of(
            "another project",
            es256(claims(0, 60).replace("sandbox-project", "other")),
            19,
            "aud is not"),
        Arguments.of(
            "an array of audiences",
            es256(claims(0, 60).replace("\"sandbox-project\"", "[\"sandbox-project\"]")),
            19,
            "aud is not"),
        Arguments.of("no iat", es256(claims(0, 60).replace("iat", "nbf")), 19, "iat or exp"),
        Arguments.of("no exp", es256(claims(0, 60).replace("exp", "nbf")), 19, "iat or exp"),
        Arguments.of("more than a day", es256(claims(0, 86_401)), 19, "longer than 24 h"),
        Arguments.of("eleven minutes fast", es256(claims(660, 3600)), 19, "in the future"),
        Arguments.of("ended eleven minutes ago", es256(claims(-3600, -660)), 19, "has expired"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTokens")
  void rejectsAnInvalidToken(String name, String token, int code, String why) {
    assertThat(refused(SandboxGoogle.clientId("edge-1"), options(token))).isEqualTo(code);
    assertThat(cloud.refusal).contains(why);
  }

  @ParameterizedTest
  @CsvSource({
    "edge-1, 2",
    "projects/sandbox-project/locations/europe-west1/registries/sandbox-registry/devices/1a, 2",
    "projects/sandbox-project/locations/europe-west1/registries/sandbox-registry/devices/edge-2, 19",
    "projects/sandbox-project/locations/europe-west1/registries/other/devices/edge-1, 19",
    "projects/sandbox-project/locations/us-central1/registries/sandbox-registry/devices/edge-1, 19",
    "projects/other/locations/europe-west1/registries/sandbox-registry/devices/edge-1, 19"
  })
  void onlyARegisteredDeviceConnects(String clientId, int code) {
    assertThat(refused(clientId, options(good()))).isEqualTo(code);
  }

  @Test
  void rejectsOtherMqttVersionsThan311() throws Exception {
    MqttConnectOptions old = options(good());
    old.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1);
    assertThat(refused(SandboxGoogle.clientId("edge-1"), old)).isPositive();
    MqttConnectionOptions five = new MqttConnectionOptions();
    five.setSocketFactory(tls.getSocketFactory());
    five.setUserName("unused");
    five.setPassword(good().getBytes(StandardCharsets.US_ASCII));
    var client =
        new org.eclipse.paho.mqttv5.client.MqttClient(
            "ssl://localhost:" + cloud.port(),
            SandboxGoogle.clientId("edge-1"),
            new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
    try {
      assertThatThrownBy(() -> client.connect(five))
          .isInstanceOf(org.eclipse.paho.mqttv5.common.MqttException.class)
          .hasMessage("Unsupported protocol version.");
    } finally {
      client.close(true);
    }
  }

  @Test
  void answersNothingWithoutTls() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", cloud.port())) {
      // CONNECT of client "a" (3.1.1, 3.1)
      socket.getOutputStream().write(HexFormat.of().parseHex("100d00044d5154540402003c000161"));
      // At most a TLS alert, not a CONNACK (0x20).
      assertThat(socket.getInputStream().read()).isIn(0x15, -1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "devices/edge-1/events",
        "/devices/edge-2/events",
        "/devices/edge-1/event",
        "/devices/edge-1/eventsandmore",
        "/devices/edge-1/state/x",
        "/devices/edge-1/config",
        "/devices/edge-1/commands/ping"
      })
  void aTopicOfAnotherDeviceEndsTheConnection(String topic) throws Exception {
    ends(connect(), client -> client.publish(topic, bytes("x"), 0, false));
    assertThat(landed("telemetry.jsonl")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#",
        "/devices/edge-1/#",
        "/devices/edge-1/events",
        "/devices/edge-1/commands/ping",
        "/devices/edge-2/config",
        "/devices/edge-2/commands/#"
      })
  void aFilterOfAnotherDeviceEndsTheConnection(String filter) throws Exception {
    ends(connect(), client -> client.subscribe(filter, 1));
  }

  @Test
  void anOversizedOrQos2MessageEndsTheConnection() throws Exception {
    ends(
        connect(), client -> client.publish(DEVICE + "events", new byte[256 * 1024 + 1], 1, false));
    ends(connect(), client -> client.publish(DEVICE + "state", new byte[64 * 1024 + 1], 1, false));
    ends(connect(), client -> client.publish(DEVICE + "events", bytes("x"), 2, false));
    assertThat(landed("telemetry.jsonl")).isEmpty();
    assertThat(landed("state.jsonl")).isEmpty();
  }

  @Test
  void ignoresWillRetainAndSession() throws Exception {
    MqttConnectOptions options = options(good());
    options.setWill(DEVICE + "events", bytes("will"), 1, true);
    options.setCleanSession(false);
    MqttClient client = connect(SandboxGoogle.clientId("edge-1"), options);
    client.subscribe(DEVICE + "commands/#", 1);
    client.publish(DEVICE + "events", bytes("retained"), 1, true);
    client.disconnectForcibly(0, 0, false);
    await().atMost(SOON).until(() -> cloud.clients().isEmpty());
    MqttClient again = listening();
    assertThat(again.isConnected()).isTrue();
    assertThatThrownBy(() -> cloud.command("edge-1", "ping", "").get())
        .hasMessageContaining("is not subscribed");
    assertThat(landed("telemetry.jsonl")).hasSize(1);
    assertThat(received).isEmpty();
  }

  private MqttClient listening() throws MqttException {
    MqttConnectOptions options = options(good());
    options.setCleanSession(false);
    MqttClient client = connect(SandboxGoogle.clientId("edge-1"), options);
    return client;
  }

  @Test
  void theConnectionEndsWithItsToken() throws Exception {
    cloud.skew = Duration.ofMillis(200);
    Instant start = Instant.now();
    MqttClient client = connect(SandboxGoogle.clientId("edge-1"), options(es256(claims(0, 2))));
    await().atMost(SOON).until(() -> !client.isConnected());
    assertThat(Duration.between(start, Instant.now()))
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(4));
  }

  @Test
  void aNewerTokenExtendsTheConnection() throws Exception {
    cloud.skew = Duration.ZERO;
    MqttClient old = connect(SandboxGoogle.clientId("edge-1"), options(es256(claims(-1, 2))));
    MqttClient client = connect();
    await().atMost(SOON).until(() -> !old.isConnected());
    await().during(Duration.ofMillis(2500)).atMost(SOON).until(client::isConnected);
  }

  @Test
  void silenceEndsTheConnection() throws Exception {
    cloud.idle = Duration.ofSeconds(1);
    MqttConnectOptions silent = options(good());
    silent.setKeepAliveInterval(0);
    ends(connect(SandboxGoogle.clientId("edge-1"), silent), client -> {});
  }

  @Test
  void sendsAConfigOnSubscribeAndOnEachChange() throws Exception {
    MqttClient client = connect();
    client.subscribe(DEVICE + "config", 1, (topic, message) -> received.add(topic + " " + message));
    await().atMost(SOON).until(() -> received.equals(List.of(DEVICE + "config ")));
    cloud.desire("edge-1", "{\"a\":1}");
    await().atMost(SOON).until(() -> received.contains(DEVICE + "config {\"a\":1}"));
    client.disconnect();
    cloud.desire("edge-1", "{\"a\":2}");
    connect()
        .subscribe(DEVICE + "config", 1, (topic, message) -> received.add(topic + " " + message));
    await().atMost(SOON).until(() -> received.contains(DEVICE + "config {\"a\":2}"));
    assertThat(received).hasSize(3);
    assertThatThrownBy(() -> cloud.desire("nobody", "{}")).hasMessageContaining("NOT_FOUND");
  }

  @Test
  void aCommandIsAnsweredWithTelemetry() throws Exception {
    MqttClient client = connect();
    client.subscribe(
        DEVICE + "commands/#", 1, (topic, message) -> received.add(topic + " " + message));
    CompletableFuture<SandboxCloud.Reply> ping = cloud.command("edge-1", "ping", "{\"n\":1}");
    CompletableFuture<SandboxCloud.Reply> bare = cloud.command("edge-1", "", "{}");
    await().atMost(SOON).until(() -> received.size() == 2);
    assertThat(received)
        .containsExactly(DEVICE + "commands/ping {\"n\":1}", DEVICE + "commands {}");
    client.publish(DEVICE + "events/commands", bytes("no JSON"), 1, false);
    client.publish(
        DEVICE + "events/commands",
        new MqttMessage(bytes("{\"command\":\"ping\",\"status\":200,\"reply\":{\"n\":2}}")));
    client.publish(
        DEVICE + "events/commands", new MqttMessage(bytes("{\"command\":\"\",\"status\":400}")));
    assertThat(ping.get()).isEqualTo(new SandboxCloud.Reply(200, "{\"n\":2}"));
    assertThat(bare.get()).isEqualTo(new SandboxCloud.Reply(400, ""));
  }

  @Test
  void aCommandToADeviceThatIsNotSubscribedFails() throws Exception {
    connect().subscribe(DEVICE + "config", 1);
    for (String device : new String[] {"edge-1", "nobody"}) {
      assertThatThrownBy(() -> cloud.command(device, "ping", "").get())
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining(
              "FAILED_PRECONDITION: " + device + " is not subscribed to commands");
    }
  }

  @Test
  void rejectsAFourthKey() {
    assertThatThrownBy(
            () ->
                cloud.register(
                    "edge-3", EC.getPublic(), EC.getPublic(), EC.getPublic(), EC.getPublic()))
        .hasMessage("at most 3 keys");
  }
}
