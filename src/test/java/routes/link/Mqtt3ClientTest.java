package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.SandboxBroker;

/** The differences between MQTT 3.1.1 and 5; ConnectTest covers what they share. */
@Timeout(120)
class Mqtt3ClientTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final List<String> received = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    broker.listen(arrived::add).start(0);
  }

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
  }

  private TestClient connected() throws Exception {
    TestClient client = clients.start3("tcp://127.0.0.1:" + broker.port(), "a");
    assertThat(client.awaitConnected(SOON)).as("%s", client.lastError()).isTrue();
    client.setCallback((topic, message) -> received.add(topic + " " + TestClients.text(message)));
    return client;
  }

  @Test
  void speaks311AndKeepsItsSessionIfConfigured() throws Exception {
    clients.cleanSession = false;
    clients.credentials = TestClients.user("u", "pässword");
    TestClient client = connected();
    assertThat(broker.connects.get(0).version()).isEqualTo(4);
    assertThat(broker.connects.get(0).cleanStart()).isFalse();
    assertThat(broker.connects.get(0).keepAlive()).isEqualTo(10);
    assertThat(broker.connects.get(0).username()).contains("u");
    assertThat(broker.connects.get(0).password()).contains("pässword");
    client.publish("t", "x".getBytes(), 1);
    assertThat(arrived).extracting(Arrived::text).containsExactly("x");
    client.stop();
    await().atMost(SOON).until(() -> broker.farewells.get() == 1);
  }

  @Test
  void manyThreadsPublishWithoutTooManyInProgress() throws Exception {
    TestClient client = connected();
    ExecutorService threads = Executors.newFixedThreadPool(32);
    AtomicInteger failed = new AtomicInteger();
    for (int i = 0; i < 20_000; i++) {
      threads.execute(
          () -> {
            try {
              client.publish("t", new byte[100], 1);
            } catch (Exception e) {
              failed.incrementAndGet();
            }
          });
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(40, TimeUnit.SECONDS)).isTrue();
    assertThat(failed).hasValue(0);
    assertThat(arrived).hasSize(20_000);
  }

  @Test
  void respectsTheRateLimitOfTheCloud() throws Exception {
    clients.publishesPerSecond = 20;
    List<Long> times = new CopyOnWriteArrayList<>();
    broker.listen(message -> times.add(System.nanoTime()));
    TestClient client = connected();
    ExecutorService threads = Executors.newFixedThreadPool(32);
    for (int i = 0; i < 70; i++) {
      threads.submit(
          () -> {
            client.publish("t", new byte[1], 1);
            return null;
          });
    }
    await().atMost(SOON).until(() -> times.size() == 70);
    threads.shutdown();
    for (int i = 20; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(i - 20)).isGreaterThan(1_000_000_000L);
    }
  }

  @Test
  void oneSubscriptionCanHaveSeveralFilters() throws Exception {
    TestClient client = connected();
    client.subscribe("a/# b/+", 1);
    client.publish("a/1", "one".getBytes(), 1);
    client.publish("b/2", "two".getBytes(), 1);
    client.publish("c/3", "three".getBytes(), 1);
    await().atMost(SOON).until(() -> received.equals(List.of("a/1 one", "b/2 two")));
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    client.publish("b/4", "four".getBytes(), 1);
    await().atMost(SOON).until(() -> received.contains("b/4 four"));
    client.unsubscribe();
    client.publish("a/5", "five".getBytes(), 1);
    await().atMost(SOON).until(() -> arrived.size() == 5);
    assertThat(received).hasSize(3);
  }

  @Test
  void sendsAGreetingAfterEachSubscribe() throws Exception {
    clients.greetings = Map.of("twin/res/#", "twin/GET");
    TestClient client = connected();
    assertThat(arrived).isEmpty();
    client.subscribe("other/# twin/res/#", 1);
    await().atMost(SOON).until(() -> arrived.size() == 1);
    broker.cut();
    await().atMost(SOON).until(() -> arrived.size() == 2);
    assertThat(arrived).extracting(Arrived::topic).containsOnly("twin/GET");
    assertThat(arrived).extracting(Arrived::text).containsOnly("");
    assertThat(arrived).extracting(Arrived::qos).containsOnly(0);
  }

  @Test
  void canAnswerAMessageThatArrivesBeforeTheLastSuback() throws Exception {
    TestClient client = connected();
    client.subscribe(
        "ask/#", 1, (topic, message) -> client.publish("answer", message.payload(), 1));
    client.subscribe("slow/#", 1);
    broker.waiting = new Arrived("cloud", "ask/1", "q".getBytes(), 1, false, new MqttProperties());
    broker.subscribeAnswers.put("slow/#", SandboxBroker.SILENCE);
    broker.cut();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(arrived).extracting(Arrived::topic).contains("answer"));
    assertThat(client.connected()).isFalse();
  }

  @Test
  void rejectsAPayloadAboveTheLimitOfTheCloud() throws Exception {
    clients.largestPayload = 10;
    TestClient client = connected();
    client.publish("t", new byte[10], 1);
    assertThatThrownBy(() -> client.publish("t", new byte[11], 1))
        .hasMessage("too large: the payload has 11 bytes; this cloud accepts at most 10");
    assertThat(client.connected()).isTrue();
  }

  @Test
  void reportsARefusedFilter() throws Exception {
    broker.subscribeAnswer = SandboxBroker.NOT_AUTHORIZED;
    TestClient client = connected();
    assertThatThrownBy(() -> client.subscribe("secret/#", 1)).hasMessage("refused by the broker");
    assertThatThrownBy(() -> client.subscribe("wrong/#/#", 1))
        .hasMessage("invalid topic filter \"wrong/#/#\": # must be the last level");
    assertThatThrownBy(() -> client.publish("t/#", new byte[0], 1))
        .hasMessage("not a topic to publish to: \"t/#\"");
  }

  @Test
  void reportsTheFilterIfTheBrokerClosesOnSubscribe() throws Exception {
    TestClient client = connected();
    client.subscribe("ok/#", 1);
    client.subscribe("secret/#", 1);
    broker.subscribeAnswer = SandboxBroker.DISCONNECT;
    broker.cut();
    await()
        .atMost(SOON)
        .until(
            () ->
                client
                    .lastError()
                    .orElse("")
                    .matches(
                        "the broker closed the connection on SUBSCRIBE to (ok|secret)/#; check that"
                            + " it is allowed"));
    await().atMost(SOON).until(client::connected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0x84 | refused: the broker doesn't speak MQTT 3.1.1
          0x85 | refused: client id not valid (mqtt.client-id)
          0x86 | refused: bad user name or password (mqtt.username, mqtt.password)
          0x87 | refused: not authorized (mqtt.username, mqtt.password)
          """)
  void reportsARefusalWithItsSetting(String reason, String says) throws Exception {
    broker.connectAnswer = Integer.decode(reason);
    TestClient client = clients.start3("tcp://127.0.0.1:" + broker.port(), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError()).contains(says);
    assertThat(client.refused()).isTrue();
  }

  @Test
  void detectsAHangingBrokerByTheTimeout() throws Exception {
    clients.publishTimeout = Duration.ofMillis(500);
    TestClient client = connected();
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    assertThatThrownBy(() -> client.publish("t", new byte[1], 1))
        .hasMessage("no PUBACK within 500 ms");
    await().atMost(SOON).until(() -> client.reconnects() == 1);
  }
}
