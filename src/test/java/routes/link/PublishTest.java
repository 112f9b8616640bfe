package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.SandboxBroker;

/** What happens to a published message, tested with the sandbox broker. */
@Timeout(120)
class PublishTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final TestClients clients = new TestClients();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void start() {
    broker.listen(arrived::add).start(0);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    clients.close();
    broker.close();
  }

  private String url() {
    return "tcp://127.0.0.1:" + broker.port();
  }

  private static void publish(TestClient client, String topic) throws Exception {
    client.publish(topic, TestClients.message("hello", 1));
  }

  /** Publishes on another thread and returns the failure. */
  private CompletableFuture<String> failure(TestClient client, String topic) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            publish(client, topic);
            return "none";
          } catch (Exception e) {
            return e.getMessage();
          }
        },
        threads);
  }

  @Test
  void deliversAMessageOnceWithEachQos() throws Exception {
    TestClient client = clients.connected(url(), "a");
    for (int qos = 0; qos <= 2; qos++) {
      client.publish("t/" + qos, TestClients.message("m" + qos, qos));
    }
    await().atMost(SOON).until(() -> arrived.size() == 3);
    assertThat(arrived).extracting(Arrived::topic).containsExactly("t/0", "t/1", "t/2");
    assertThat(arrived).extracting(Arrived::text).containsExactly("m0", "m1", "m2");
    assertThat(clients.meters.get("mqtt.publish.duration").timer().count()).isEqualTo(3);
    assertThat(clients.meters.get("mqtt.in_flight").gauge().value()).isZero();
  }

  @Test
  void failsAtOnceWithOneLineWhileDisconnected() throws Exception {
    int port = broker.port();
    broker.close();
    TestClient client = clients.start("tcp://127.0.0.1:" + port, "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    long start = System.nanoTime();
    assertThatThrownBy(() -> publish(client, "t"))
        .isInstanceOf(Exception.class)
        .hasMessage("mqtt is not connected: unreachable: connection refused at 127.0.0.1:" + port);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void failsInTimeAndReconnectsWithoutAnyPuback() throws Exception {
    clients.publishTimeout = Duration.ofMillis(400);
    TestClient client = clients.connected(url(), "a");
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    long start = System.nanoTime();
    assertThatThrownBy(() -> publish(client, "t")).hasMessage("no PUBACK within 400 ms");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(400), Duration.ofSeconds(2));
    broker.publishAnswer = message -> SandboxBroker.SUCCESS;
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    assertThat(client.lastError()).contains("no PUBACK within 400 ms");
    publish(client, "t");
  }

  @Test
  void closesADeadConnection() throws Exception {
    clients.publishTimeout = Duration.ofMillis(300);
    clients.reconnectMin = Duration.ofMinutes(1);
    TestClient client = clients.connected(url(), "a");
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    assertThatThrownBy(() -> publish(client, "t")).hasMessage("no PUBACK within 300 ms");
    await().atMost(SOON).until(() -> broker.clients().isEmpty());
  }

  @Test
  void keepsTheConnectionWhileOthersAreAcknowledged() throws Exception {
    clients.publishTimeout = Duration.ofMillis(600);
    TestClient client = clients.connected(url(), "a");
    broker.publishAnswer =
        message -> message.topic().equals("lost") ? SandboxBroker.SILENCE : SandboxBroker.SUCCESS;
    CompletableFuture<String> failure = failure(client, "lost");
    while (!failure.isDone()) {
      publish(client, "fine");
    }
    assertThat(failure.join()).isEqualTo("no PUBACK within 600 ms");
    assertThat(client.connected()).isTrue();
    assertThat(client.reconnects()).isZero();
    // The broker still counts it, so the window does too.
    assertThat(clients.meters.get("mqtt.in_flight").gauge().value()).isEqualTo(1);
  }

  @Test
  void failsWithTheNameOfTheReasonCode() throws Exception {
    TestClient client = clients.connected(url(), "a");
    broker.publishAnswer = message -> SandboxBroker.NOT_AUTHORIZED;
    assertThatThrownBy(() -> publish(client, "t"))
        .isInstanceOf(Exception.class)
        .hasMessage("refused by the broker: not authorized (0x87)");
    broker.publishAnswer = message -> 0x10;
    publish(client, "nobody subscribes, which is no failure");
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void failsPromptlyWhenTheConnectionIsLost() throws Exception {
    TestClient client = clients.connected(url(), "a");
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    CompletableFuture<String> failure = failure(client, "t");
    await().atMost(SOON).until(() -> client.connected() && inFlight() == 1);
    broker.kick("a", SandboxBroker.SESSION_TAKEN_OVER);
    assertThat(failure.get(60, TimeUnit.SECONDS))
        .isEqualTo("the broker disconnected: session taken over (0x8E)");
  }

  @Test
  void failsQueuedMessagesWhenTheConnectionIsLost() throws Exception {
    broker.receiveMaximum = 1;
    TestClient client = clients.connected(url(), "a");
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    CompletableFuture<String> first = failure(client, "t");
    await().atMost(SOON).until(() -> inFlight() == 1);
    List<CompletableFuture<String>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(failure(client, "t"));
    }
    broker.cut();
    assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo("the broker closed the connection");
    for (CompletableFuture<String> failure : waiting) {
      assertThat(failure.get(60, TimeUnit.SECONDS))
          .isIn(
              "the broker closed the connection",
              "not connected",
              "mqtt is not connected: the broker closed the connection");
    }
  }

  private double inFlight() {
    return clients.meters.get("mqtt.in_flight").gauge().value();
  }

  @Test
  void respectsTheReceiveMaximumOfTheBroker() throws Exception {
    broker.receiveMaximum = 3;
    clients.publishTimeout = Duration.ofSeconds(2);
    TestClient client = clients.connected(url(), "a");
    AtomicInteger seen = new AtomicInteger();
    broker.publishAnswer =
        message -> {
          seen.incrementAndGet();
          return SandboxBroker.SILENCE;
        };
    List<CompletableFuture<String>> failures =
        List.of(
            failure(client, "t"),
            failure(client, "t"),
            failure(client, "t"),
            failure(client, "t"),
            failure(client, "t"));
    failures.forEach(CompletableFuture::join);
    assertThat(seen).hasValue(3);
    assertThat(failures.stream().map(CompletableFuture::join))
        .allMatch(it -> it.startsWith("no P") || it.startsWith("no p"));
  }

  @Test
  void aGreetingOccupiesTheWindowUntilAcknowledged() throws Exception {
    clients.publishesPerSecond = 1;
    clients.publishTimeout = Duration.ofMillis(1_500);
    clients.greetings = Map.of("shadow/#", "shadow/get");
    TestClient client = clients.connected(url(), "a");
    List<String> seen = new CopyOnWriteArrayList<>();
    broker.publishAnswer =
        message -> {
          seen.add(message.topic());
          return SandboxBroker.SILENCE;
        };
    CompletableFuture<Void> subscribed =
        CompletableFuture.runAsync(
            () -> assertThatCode(() -> client.subscribe("shadow/#", 1)).doesNotThrowAnyException(),
            threads);
    await().atMost(SOON).until(() -> seen.contains("shadow/get"));
    // It waits for more than a second and then gives up, because the greeting may still be in
    // flight.
    assertThat(failure(client, "t").join()).isNotEqualTo("none");
    assertThat(seen).doesNotContain("t");
    subscribed.join();
  }

  @Test
  void rejectsAMessageAboveTheLimitOfTheBroker() throws Exception {
    broker.announce(MqttPropertyType.MAXIMUM_PACKET_SIZE, 1_000);
    TestClient client = clients.connected(url(), "a");
    assertThatThrownBy(() -> client.publish("t", TestClients.message(new byte[1_000])))
        .hasMessage("too large: the message takes 1009 bytes; the broker accepts at most 1000");
    client.publish("t", TestClients.message(new byte[900]));
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void rejectsATopicWithWildcards() throws Exception {
    TestClient client = clients.connected(url(), "a");
    for (String topic : new String[] {"a/#", "+/b", ""}) {
      assertThatThrownBy(() -> publish(client, topic))
          .hasMessage("not a topic to publish to: \"" + topic + "\"");
    }
    publish(client, "fine");
    assertThat(client.reconnects()).isZero();
    assertThat(inFlight()).isZero();
  }

  @Test
  void rejectsQos1IfTheBrokerLacksIt() throws Exception {
    broker.announce(MqttPropertyType.MAXIMUM_QOS, 0);
    TestClient client = clients.connected(url(), "a");
    assertThatThrownBy(() -> publish(client, "t"))
        .hasMessage("the broker accepts only QoS 0 and acknowledges nothing");
    client.publish("t", TestClients.message("m", 0));
    await().atMost(SOON).until(() -> arrived.size() == 1);
  }

  @Test
  void manyThreadsPublishWithoutSpuriousFailures() throws Exception {
    broker.receiveMaximum = 20;
    TestClient client = clients.connected(url(), "a");
    assertThat(publishFromManyThreads(client, 20_000, 1)).isEmpty();
    await().atMost(SOON).until(() -> arrived.size() == 20_000);
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void publishesQos0FromManyThreads() throws Exception {
    broker.receiveMaximum = 1;
    TestClient client = clients.connected(url(), "a");
    assertThat(publishFromManyThreads(client, 20_000, 0)).isEmpty();
    await().atMost(SOON).until(() -> arrived.size() == 20_000);
  }

  @Test
  void usesNoTopicAlias() throws Exception {
    broker.announce(MqttPropertyType.TOPIC_ALIAS_MAXIMUM, 10);
    TestClient client = clients.connected(url(), "a");
    MqttMessage same = TestClients.message("m", 1);
    for (int i = 0; i < 3; i++) {
      client.publish("t", same);
    }
    assertThat(arrived).extracting(Arrived::topic).containsExactly("t", "t", "t");
    assertThat(arrived)
        .extracting(message -> message.property(MqttPropertyType.TOPIC_ALIAS))
        .containsOnlyNulls();
  }

  /** The messages of all failures. */
  static List<String> publishFromManyThreads(TestClient client, int messages, int qos)
      throws Exception {
    int count = 64;
    AtomicInteger left = new AtomicInteger(messages);
    List<String> failures = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      new Thread(
              () -> {
                while (left.getAndDecrement() > 0) {
                  try {
                    client.publish(
                        "load/test",
                        new MqttMessage(
                            "", new byte[500], qos, false, MqttMessage.Properties.NONE));
                  } catch (Exception e) {
                    failures.add(e.getMessage());
                  }
                }
                done.countDown();
              })
          .start();
    }
    assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
    return failures;
  }

  @Test
  void sendsNoRetainedMessageToABrokerThatRetainsNone() throws Exception {
    broker.announce(MqttPropertyType.RETAIN_AVAILABLE, 0);
    TestClient client = clients.connected(url(), "a");
    client.publish("t", new MqttMessage("t", new byte[] {1}, 1, true, MqttMessage.Properties.NONE));
    await().atMost(SOON).until(() -> arrived.size() == 1);
    assertThat(arrived.get(0).retain()).isFalse();
  }
}
