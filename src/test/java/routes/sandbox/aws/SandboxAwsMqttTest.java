package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.sandbox.aws.AwsPolicyTest.policy;
import static routes.sandbox.aws.AwsPolicyTest.statement;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageBuilders.ConnectBuilder;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;
import routes.sandbox.PacketClient;

/** How AWS IoT Core handles features of MQTT 5 and sessions, packet by packet. */
@Tag("slow")
@Timeout(120)
class SandboxAwsMqttTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private SandboxAws cloud;
  private PlainClients tls;
  private Certificates.Identity identity;
  private final List<PacketClient> open = new ArrayList<>();
  private int lastId;

  @BeforeEach
  void start() {
    Certificates certificates = new Certificates(folder);
    cloud = new SandboxAws(folder.resolve("landed"), certificates).start(0);
    tls = new PlainClients(cloud.port(), certificates);
    identity = certificates.client("any", Certificates.ec());
    allow(statement("Allow", "iot:*", "*"));
  }

  private void allow(String... statements) {
    cloud.register(identity.certificate(), policy(statements), null);
  }

  @AfterEach
  void stop() throws IOException {
    for (PacketClient client : open) {
      client.close();
    }
    cloud.close();
  }

  private static ConnectBuilder five(String id) {
    return MqttMessageBuilders.connect()
        .protocolVersion(MqttVersion.MQTT_5)
        .clientId(id)
        .cleanSession(true)
        .keepAlive(60);
  }

  private static ConnectBuilder kept(String id, int seconds) {
    return five(id)
        .cleanSession(false)
        .properties(properties(MqttPropertyType.SESSION_EXPIRY_INTERVAL, seconds));
  }

  private static MqttProperties properties(MqttPropertyType type, int value) {
    MqttProperties properties = new MqttProperties();
    properties.add(new IntegerProperty(type.value(), value));
    return properties;
  }

  private PacketClient opened() throws IOException {
    PacketClient client =
        new PacketClient(
            tls.tls(identity).getSocketFactory().createSocket("localhost", cloud.port()));
    open.add(client);
    return client;
  }

  private static MqttConnAckVariableHeader connack(PacketClient client, ConnectBuilder connect)
      throws IOException {
    return ((MqttConnAckMessage) client.send(connect.build()).receive()).variableHeader();
  }

  /** Connects an MQTT 5 client. */
  private PacketClient connected(String id) throws IOException {
    PacketClient client = opened();
    assertThat(connack(client, five(id)).connectReturnCode().byteValue()).isZero();
    return client;
  }

  private PacketClient subscribed(String id, String filter) throws IOException {
    return subscribe(connected(id), filter);
  }

  private PacketClient subscribe(PacketClient client, String filter) throws IOException {
    client.send(
        MqttMessageBuilders.subscribe()
            .addSubscription(MqttQoS.AT_LEAST_ONCE, filter)
            .messageId(++lastId)
            .build());
    assertThat(client.receive().fixedHeader().messageType()).isEqualTo(MqttMessageType.SUBACK);
    return client;
  }

  /** Publishes with QoS 1 and reads the PUBACK. */
  private void publish(PacketClient client, String topic, String text) throws IOException {
    publish(client, topic, text, false, MqttProperties.NO_PROPERTIES);
  }

  private void publish(
      PacketClient client, String topic, String text, boolean retain, MqttProperties properties)
      throws IOException {
    client.send(packet(topic, text, retain, properties));
    MqttMessage puback = client.receive();
    assertThat(puback.fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBACK);
    assertThat(((MqttMessageIdVariableHeader) puback.variableHeader()).messageId())
        .isEqualTo(lastId);
  }

  private MqttPublishMessage packet(
      String topic, String text, boolean retain, MqttProperties properties) {
    return MqttMessageBuilders.publish()
        .topicName(topic)
        .qos(MqttQoS.AT_LEAST_ONCE)
        .messageId(++lastId)
        .retained(retain)
        .properties(properties)
        .payload(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  /** Receives a message and acknowledges it. */
  private static MqttPublishMessage take(PacketClient client) throws IOException {
    MqttPublishMessage message = (MqttPublishMessage) client.receive();
    if (message.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE) {
      client.send(
          new MqttMessage(
              new MqttFixedHeader(MqttMessageType.PUBACK, false, MqttQoS.AT_MOST_ONCE, false, 0),
              new MqttPubReplyMessageVariableHeader(
                  message.variableHeader().packetId(), (byte) 0, MqttProperties.NO_PROPERTIES)));
    }
    return message;
  }

  private static String text(MqttPublishMessage message) {
    return message.variableHeader().topicName()
        + " "
        + message.payload().toString(StandardCharsets.UTF_8);
  }

  private static void leave(PacketClient client) throws IOException {
    client.send(MqttMessage.DISCONNECT);
    assertThat(client.receive()).isNull();
  }

  private static void endsWith(PacketClient client, int reason) throws IOException {
    MqttMessage last = client.receive();
    assertThat(last.fixedHeader().messageType()).isEqualTo(MqttMessageType.DISCONNECT);
    MqttReasonCodeAndPropertiesVariableHeader header =
        (MqttReasonCodeAndPropertiesVariableHeader) last.variableHeader();
    assertThat(header.reasonCode() & 0xff).isEqualTo(reason);
    assertThat(header.properties().getProperty(MqttPropertyType.REASON_STRING.value()).value())
        .asString()
        .startsWith("sandbox: ");
    assertThat(client.receive()).isNull();
  }

  @Test
  void aFilterDoesNotMatchItsParent() throws Exception {
    PacketClient client = subscribed("a", "sensor/#");
    PacketClient sender = connected("b");
    publish(sender, "sensor", "1");
    publish(sender, "sensor/", "2");
    assertThat(text(take(client))).isEqualTo("sensor/ 2");
  }

  @Test
  void aSubscriptionIdentifierEndsTheConnection() throws Exception {
    PacketClient client = connected("a");
    client.send(
        MqttMessageBuilders.subscribe()
            .addSubscription(MqttQoS.AT_LEAST_ONCE, "t")
            .messageId(1)
            .properties(properties(MqttPropertyType.SUBSCRIPTION_IDENTIFIER, 1))
            .build());
    endsWith(client, 161);
  }

  @Test
  void connackAnnouncesTheLimitsOfAws() throws Exception {
    Map<MqttPropertyType, Object> announced = new LinkedHashMap<>();
    connack(opened(), kept("a", 90))
        .properties()
        .listAll()
        .forEach(each -> announced.put(MqttPropertyType.valueOf(each.propertyId()), each.value()));
    assertThat(announced)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                MqttPropertyType.RECEIVE_MAXIMUM, 100,
                MqttPropertyType.SESSION_EXPIRY_INTERVAL, 90,
                MqttPropertyType.MAXIMUM_QOS, 1,
                MqttPropertyType.RETAIN_AVAILABLE, 1,
                MqttPropertyType.MAXIMUM_PACKET_SIZE, 149_504,
                MqttPropertyType.TOPIC_ALIAS_MAXIMUM, 8,
                MqttPropertyType.WILDCARD_SUBSCRIPTION_AVAILABLE, 1,
                MqttPropertyType.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0,
                MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE, 1));
  }

  @Test
  void acceptsTopicAliasesUpTo8() throws Exception {
    PacketClient client = subscribed("a", "t/#");
    PacketClient sender = connected("b");
    for (int alias = 1; alias <= 8; alias++) {
      publish(sender, "t/" + alias, "x", false, alias(alias));
    }
    for (int alias = 8; alias >= 1; alias--) {
      publish(sender, "", "y", false, alias(alias));
    }
    List<String> received = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      MqttPublishMessage message = take(client);
      received.add(text(message));
      assertThat(message.variableHeader().properties().listAll()).isEmpty();
    }
    assertThat(received).startsWith("t/1 x", "t/2 x").endsWith("t/2 y", "t/1 y");
  }

  @Test
  void sendsNoPacketAboveTheMaximumPacketSizeOfAClient() throws Exception {
    PacketClient client = opened();
    connack(client, five("a").properties(properties(MqttPropertyType.MAXIMUM_PACKET_SIZE, 40)));
    subscribe(client, "t/#");
    PacketClient sender = connected("b");
    // Two bytes of fixed header, five of topic, two of id, one of properties: 30 are left.
    publish(sender, "t/1", "x".repeat(31));
    publish(sender, "t/2", "x".repeat(30));
    publish(sender, "t/3", "x".repeat(1_000));
    publish(sender, "t/4", "x");
    assertThat(text(take(client))).isEqualTo("t/2 " + "x".repeat(30));
    assertThat(text(take(client))).isEqualTo("t/4 x");
  }

  private static MqttProperties alias(int alias) {
    return properties(MqttPropertyType.TOPIC_ALIAS, alias);
  }

  /** Instead of sending a PUBACK and losing the message. */
  @ParameterizedTest
  @CsvSource({"t, 9, 0x94", "t, 0, 0x94", "'', 3, 0x82", "'', , 0x82"})
  void anInvalidAliasOrAMissingTopicEndsTheConnection(String topic, Integer alias, String code)
      throws Exception {
    PacketClient client = connected("a");
    client.send(
        packet(topic, "x", false, alias == null ? MqttProperties.NO_PROPERTIES : alias(alias)));
    endsWith(client, Integer.decode(code));
  }

  @Test
  void rejectsAnAuthenticationMethod() throws Exception {
    MqttProperties method = new MqttProperties();
    method.add(
        new MqttProperties.StringProperty(
            MqttPropertyType.AUTHENTICATION_METHOD.value(), "SCRAM-SHA-256"));
    MqttConnAckVariableHeader connack = connack(opened(), five("a").properties(method));
    assertThat(connack.connectReturnCode().byteValue() & 0xff).isEqualTo(0x8C);
  }

  // Sessions

  @Test
  void aSessionKeepsMessagesForADisconnectedClient() throws Exception {
    PacketClient client = opened();
    assertThat(connack(client, kept("a", 60)).isSessionPresent()).isFalse();
    subscribe(client, "t/+");
    leave(client);
    publish(connected("b"), "t/1", "x");

    PacketClient again = opened();
    assertThat(connack(again, kept("a", 60)).isSessionPresent()).isTrue();
    assertThat(text(take(again))).isEqualTo("t/1 x");
    publish(connected("b"), "t/2", "y");
    assertThat(text(take(again))).as("still subscribed").isEqualTo("t/2 y");
    leave(again);

    PacketClient fresh = opened();
    assertThat(connack(fresh, five("a")).isSessionPresent()).isFalse();
    publish(fresh, "t/3", "z");
    subscribe(fresh, "t/4");
    publish(connected("b"), "t/4", "only");
    assertThat(text(take(fresh))).isEqualTo("t/4 only");
  }

  @Test
  void a311ClientHasASession() throws Exception {
    ConnectBuilder connect =
        MqttMessageBuilders.connect()
            .protocolVersion(MqttVersion.MQTT_3_1_1)
            .clientId("a")
            .cleanSession(false);
    PacketClient client = opened();
    assertThat(connack(client, connect).isSessionPresent()).isFalse();
    subscribe(client, "t");
    client.close();
    Awaitility.await().until(() -> cloud.clients().isEmpty());
    publish(connected("b"), "t", "x");
    PacketClient again = opened();
    assertThat(connack(again, connect).isSessionPresent()).isTrue();
    assertThat(text(take(again))).isEqualTo("t x");
  }

  @Test
  void aSessionExpires() throws Exception {
    PacketClient client = opened();
    connack(client, kept("a", 1));
    subscribe(client, "t");
    leave(client);
    // Reading the session would renew it.
    Awaitility.await()
        .pollDelay(Duration.ofMillis(1_300))
        .untilAsserted(
            () -> assertThat(connack(opened(), kept("a", 1)).isSessionPresent()).isFalse());
  }

  @Test
  void resendsUnacknowledgedMessages() throws Exception {
    PacketClient client = opened();
    connack(client, kept("a", 60));
    subscribe(client, "t");
    publish(connected("b"), "t", "x");
    MqttPublishMessage first = (MqttPublishMessage) client.receive();
    leave(client);
    PacketClient again = opened();
    connack(again, kept("a", 60));
    MqttPublishMessage second = take(again);
    assertThat(second.fixedHeader().isDup()).isTrue();
    assertThat(second.variableHeader().packetId()).isEqualTo(first.variableHeader().packetId());
    assertThat(text(second)).isEqualTo("t x");
  }

  @Test
  void discardsExpiredMessages() throws Exception {
    PacketClient client = opened();
    connack(client, kept("a", 60));
    subscribe(client, "t");
    leave(client);
    PacketClient sender = connected("b");
    publish(
        sender, "t", "gone", false, properties(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL, 0));
    publish(
        sender, "t", "there", false, properties(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL, 60));
    PacketClient again = opened();
    connack(again, kept("a", 60));
    assertThat(text(take(again))).isEqualTo("t there");
  }

  @Test
  void assignsAnIdToAClientWithoutOneOnce() throws Exception {
    PacketClient client = opened();
    Object id =
        connack(client, five(""))
            .properties()
            .getProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value())
            .value();
    assertThat(id).asString().startsWith("$GEN/");
    publish(client, "t", "x");
    leave(client);
    assertThat(connack(opened(), five(id.toString())).connectReturnCode().byteValue() & 0xff)
        .isEqualTo(0x85);
  }

  // Retained messages, wills, groups

  @Test
  void sendsARetainedMessageToNewSubscribersOfItsExactTopic() throws Exception {
    PacketClient sender = connected("b");
    PacketClient early = subscribed("early", "a/b");
    publish(sender, "a/b", "kept", true, MqttProperties.NO_PROPERTIES);
    assertThat(take(early).fixedHeader().isRetain()).isFalse();

    MqttPublishMessage retained = take(subscribed("late", "a/b"));
    assertThat(text(retained)).isEqualTo("a/b kept");
    assertThat(retained.fixedHeader().isRetain()).isTrue();

    PacketClient wild = subscribed("wild", "a/+");
    publish(sender, "a/c", "new");
    assertThat(text(take(wild))).isEqualTo("a/c new");

    publish(sender, "a/b", "", true, MqttProperties.NO_PROPERTIES);
    PacketClient last = subscribed("last", "a/b");
    publish(sender, "a/b", "new");
    assertThat(text(take(last))).isEqualTo("a/b new");
  }

  private static ConnectBuilder willing(String id, String topic, MqttQoS qos) {
    return five(id)
        .willFlag(true)
        .willTopic(topic)
        .willQoS(qos)
        .willMessage("gone".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void publishesAWillUnlessTheClientDisconnects() throws Exception {
    PacketClient client = subscribed("watch", "#");
    PacketClient polite = opened();
    connack(polite, willing("polite", "will/polite", MqttQoS.AT_LEAST_ONCE));
    leave(polite);
    PacketClient gone = opened();
    connack(gone, willing("gone", "will/gone", MqttQoS.AT_LEAST_ONCE));
    gone.close();
    assertThat(text(take(client))).isEqualTo("will/gone gone");
  }

  @Test
  void aWillMustBeAllowedAndHaveQos1AtMost() throws Exception {
    assertThat(refusal(willing("a", "t", MqttQoS.EXACTLY_ONCE))).isEqualTo(0x9B);
    allow(statement("Allow", "iot:Connect", "*"), statement("Allow", "iot:Publish", "topic/t"));
    assertThat(refusal(willing("a", "other", MqttQoS.AT_LEAST_ONCE))).isEqualTo(0x87);
    assertThat(refusal(willing("a", "t", MqttQoS.AT_LEAST_ONCE).willRetain(true))).isEqualTo(0x87);
    assertThat(refusal(willing("a", "t", MqttQoS.AT_LEAST_ONCE))).isZero();
  }

  private int refusal(ConnectBuilder connect) throws IOException {
    return connack(opened(), connect).connectReturnCode().byteValue() & 0xff;
  }

  @Test
  void aGroupSharesMessages() throws Exception {
    PacketClient one = subscribed("one", "$share/g/t/#");
    PacketClient two = subscribed("two", "$share/g/t/#");
    PacketClient sender = connected("b");
    for (int i = 0; i < 4; i++) {
      publish(sender, "t/" + i, "x");
    }
    assertThat(List.of(text(take(one)), text(take(one)), text(take(two)), text(take(two))))
        .containsExactlyInAnyOrder("t/0 x", "t/1 x", "t/2 x", "t/3 x");
    leave(one);
    publish(sender, "t/4", "x");
    assertThat(text(take(two))).isEqualTo("t/4 x");
  }

  // Shadows and jobs

  @Test
  void deletesAShadow() throws Exception {
    for (String shadow : List.of("$aws/things/a/shadow/", "$aws/things/a/shadow/name/n/")) {
      PacketClient client = subscribed(shadow.contains("name") ? "b" : "a", shadow + "+/+");
      publishLater(client, shadow + "delete", "");
      JsonNode missing = answer(client, shadow + "delete/rejected");
      assertThat(missing.path("code").asInt()).isEqualTo(404);
      publishLater(client, shadow + "update", "{\"state\":{\"reported\":{\"p\":1}}}");
      assertThat(answer(client, shadow + "update/accepted").at("/state/reported/p").asInt())
          .isEqualTo(1);
      answer(client, shadow + "update/documents");
      publishLater(client, shadow + "delete", "{\"clientToken\":\"t\"}");
      JsonNode deleted = answer(client, shadow + "delete/accepted");
      assertThat(deleted.path("version").asInt()).isEqualTo(1);
      assertThat(deleted.path("clientToken").asText()).isEqualTo("t");
      publishLater(client, shadow + "get", "");
      assertThat(answer(client, shadow + "get/rejected").path("code").asInt()).isEqualTo(404);
    }
  }

  /** Shadows of a thing are independent of each other. */
  @Test
  void aNamedShadowIsSeparateFromTheClassicOne() throws Exception {
    String path = "$aws/things/a/shadow/";
    PacketClient client = subscribed("a", path + "name/n/+/accepted");
    publishLater(client, path + "update", "{\"state\":{\"reported\":{\"p\":1}}}");
    publishLater(client, path + "name/n/update", "{\"state\":{\"reported\":{\"q\":2}}}");
    answer(client, path + "name/n/update/accepted");
    publishLater(client, path + "name/n/get", "");
    assertThat(answer(client, path + "name/n/get/accepted").path("state"))
        .hasToString("{\"reported\":{\"q\":2}}");
  }

  @Test
  void aThingHasNoJobs() throws Exception {
    String jobs = "$aws/things/a/jobs/";
    PacketClient client = subscribed("a", jobs + "#");
    publishLater(client, jobs + "get", "{\"clientToken\":\"t\"}");
    answer(client, jobs + "get");
    JsonNode list = answer(client, jobs + "get/accepted");
    assertThat(list.path("queuedJobs").isEmpty()).isTrue();
    assertThat(list.path("clientToken").asText()).isEqualTo("t");
    publishLater(client, jobs + "j1/update", "{\"status\":\"SUCCEEDED\"}");
    answer(client, jobs + "j1/update");
    JsonNode rejected = answer(client, jobs + "j1/update/rejected");
    assertThat(rejected.path("code").asText()).isEqualTo("ResourceNotFound");
    assertThat(rejected.path("message").asText()).contains("sandbox").contains("j1");
    publishLater(client, jobs + "start-next", "{}");
    answer(client, jobs + "start-next");
    assertThat(answer(client, jobs + "start-next/accepted").has("execution")).isFalse();
  }

  @Test
  void rejectsUnsupportedTopicsByName() throws Exception {
    PacketClient client = connected("a");
    client.send(packet("$aws/certificates/create/cbor", "{}", false, MqttProperties.NO_PROPERTIES));
    endsWith(client, 0x87);
    assertThat(cloud.refusals())
        .last()
        .asString()
        .contains("$aws/certificates/create/cbor")
        .contains("rules, shadows, jobs and provisioning");
  }

  /** Publishes with QoS 0, so that the next packet is a response. */
  private static void publishLater(PacketClient client, String topic, String text)
      throws IOException {
    client.send(
        MqttMessageBuilders.publish()
            .topicName(topic)
            .qos(MqttQoS.AT_MOST_ONCE)
            .payload(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)))
            .build());
  }

  private static JsonNode answer(PacketClient client, String topic) throws IOException {
    MqttPublishMessage message = take(client);
    assertThat(message.variableHeader().topicName()).isEqualTo(topic);
    return JSON.readTree(message.payload().toString(StandardCharsets.UTF_8));
  }
}
