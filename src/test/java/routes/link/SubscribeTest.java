package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;

/** Messages from the broker to the device. */
@Timeout(120)
class SubscribeTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final List<String> received = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    broker.start(0);
  }

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
  }

  private String url() {
    return "tcp://127.0.0.1:" + broker.port();
  }

  private void fromCloud(String topic, String text) {
    broker.publish(
        new Arrived("cloud", topic, text.getBytes(), 1, false, MqttProperties.NO_PROPERTIES));
  }

  @Test
  void aSubscriptionCreatedBeforeConnectingTakesEffect() throws Exception {
    int port = broker.port();
    broker.close();
    TestClient client = clients.start("tcp://127.0.0.1:" + port, "a");
    client.setCallback(((topic, message) -> received.add(topic)));
    client.subscribe("commands/#", 2);
    try (MeanBroker later = new MeanBroker()) {
      later.start(port);
      assertThat(client.awaitConnected(SOON)).isTrue();
      later.publish(
          new Arrived("c", "commands/x", new byte[1], 1, false, MqttProperties.NO_PROPERTIES));
      await().atMost(SOON).until(() -> received.equals(List.of("commands/x")));
    }
  }

  @Test
  void aSubscriptionSurvivesReconnects() throws Exception {
    TestClient client = clients.connected(url(), "a");
    client.setCallback(((topic, message) -> received.add(TestClients.text(message))));
    client.subscribe("commands/#", 1);
    fromCloud("commands/x", "1");
    await().atMost(SOON).until(() -> received.size() == 1);
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    fromCloud("commands/y", "2");
    await().atMost(SOON).until(() -> received.equals(List.of("1", "2")));
    client.unsubscribe();
    fromCloud("commands/z", "3");
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 2);
    fromCloud("commands/z", "4");
    client.publish("t", TestClients.message("m", 1));
    assertThat(received).containsExactly("1", "2");
  }

  @Test
  void eachRouteGetsTheMessagesOfItsOwnFilter() throws Exception {
    TestClient client = clients.connected(url(), "a");
    client.setCallback(((topic, message) -> received.add("first " + topic)));
    client.subscribe("one/+", 1);
    client.setCallback(((topic, message) -> received.add("second " + topic)));
    client.subscribe("two/#", 1);
    fromCloud("one/a", "");
    fromCloud("two/b/c", "");
    await().atMost(SOON).until(() -> received.size() == 2);
    assertThat(received).containsExactly("first one/a", "second two/b/c");
  }

  @Test
  void aSlowListenerDoesNotDelayPubacks() throws Exception {
    TestClient client = clients.connected(url(), "a");
    CountDownLatch release = new CountDownLatch(1);
    client.setCallback(
        ((topic, message) -> {
          received.add(topic);
          release.await();
        }));
    client.subscribe("slow", 1);
    for (int i = 0; i < 200; i++) {
      fromCloud("slow", "");
    }
    await().atMost(SOON).until(() -> received.size() == 1);
    for (int i = 0; i < 100; i++) {
      client.publish("t", TestClients.message("m", 1));
    }
    // More than its Receive Maximum, so the rest waits at the broker for acknowledgements.
    release.countDown();
    await().atMost(SOON).until(() -> received.size() == 200);
  }

  @Test
  void aListenerCanPublish() throws Exception {
    TestClient client = clients.connected(url(), "a");
    client.setCallback(
        ((topic, message) -> {
          client.publish("answer", message);
          received.add(topic);
        }));
    client.subscribe("question", 1);
    fromCloud("question", "?");
    await().atMost(SOON).until(() -> received.size() == 1);
  }

  @Test
  void aFailingListenerLosesOnlyItsMessage() throws Exception {
    try (LogCapture log = new LogCapture()) {
      TestClient client = clients.connected(url(), "a");
      client.setCallback(
          ((topic, message) -> {
            if (received.isEmpty()) {
              received.add("failed");
              throw new IllegalStateException("no");
            }
            received.add(topic);
          }));
      client.subscribe("t", 1);
      fromCloud("t", "");
      fromCloud("t", "");
      await().atMost(SOON).until(() -> received.equals(List.of("failed", "t")));
      assertThat(log.lines("gateway-mqtt"))
          .contains("a message on t failed: java.lang.IllegalStateException: no");
    }
  }

  /** As HiveMQ and EMQX announce their features. */
  @Test
  void acceptsABrokerThatAnnouncesEveryFeature() throws Exception {
    broker.announce(MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0);
    broker.announce(MqttPropertyType.MAXIMUM_QOS, 1);
    broker.announce(MqttPropertyType.RETAIN_AVAILABLE, 0);
    broker.announce(MqttPropertyType.MAXIMUM_PACKET_SIZE, 268_435_460);
    broker.announce(MqttPropertyType.TOPIC_ALIAS_MAXIMUM, 65_535);
    broker.announce(MqttPropertyType.WILDCARD_SUBSCRIPTION_AVAILABLE, 1);
    broker.announce(MqttPropertyType.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0);
    broker.announce(MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE, 0);
    broker.announce(MqttPropertyType.SERVER_KEEP_ALIVE, 30);
    for (MqttPropertyType type :
        List.of(
            MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER,
            MqttPropertyType.REASON_STRING,
            MqttPropertyType.RESPONSE_INFORMATION,
            MqttPropertyType.SERVER_REFERENCE)) {
      broker.announced.add(new MqttProperties.StringProperty(type.value(), "some text"));
    }
    broker.announced.add(new MqttProperties.UserProperty("region", "eu"));
    TestClient client = clients.connected(url(), "a");
    client.setCallback(((topic, message) -> received.add(topic)));
    client.subscribe("to/#", 1);
    client.publish("to/a", TestClients.message("m", 1));
    fromCloud("to/b", "m");
    await().atMost(SOON).until(() -> received.contains("to/b"));
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void aRefusedSubscriptionFails() throws Exception {
    TestClient client = clients.connected(url(), "a");
    broker.subscribeAnswer = 0x87;
    assertThatThrownBy(() -> client.subscribe("secret/#", 1))
        .hasMessage("refused by the broker: not authorized (0x87)");
    assertThat(client.connected()).isTrue();
  }

  @Test
  void filtersMatchAsSpecified() {
    assertThat(TopicFilter.matches("a/+/c", "a/b/c")).isTrue();
    assertThat(TopicFilter.matches("a/+", "a/b/c")).isFalse();
    assertThat(TopicFilter.matches("a/#", "a")).isTrue();
    assertThat(TopicFilter.matches("a/#", "a/b/c")).isTrue();
    assertThat(TopicFilter.matches("#", "a/b")).isTrue();
    assertThat(TopicFilter.matches("+", "/a")).isFalse();
    assertThat(TopicFilter.matches("+/+", "/a")).isTrue();
    assertThat(TopicFilter.matches("#", "$SYS/a")).isFalse();
    assertThat(TopicFilter.matches("+/a", "$SYS/a")).isFalse();
    assertThat(TopicFilter.matches("$iothub/methods/POST/#", "$iothub/methods/POST/x/?$rid=1"))
        .isTrue();
    assertThat(TopicFilter.matches("$share/group/a/+", "a/b")).isTrue();
  }
}
