package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import routes.sandbox.Arrived;
import routes.sandbox.FaultProxy;
import routes.sandbox.MeanBroker;
import routes.sandbox.SandboxBroker;

/** Queueing, draining and reconnecting, with the sandbox broker. */
@Timeout(90)
class RecoveryTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final LogCapture log = new LogCapture();

  @BeforeEach
  void start() {
    broker.start(0);
  }

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
    log.close();
  }

  private String url() {
    return "tcp://127.0.0.1:" + broker.port();
  }

  private long warnings(String text) {
    return log.lines("gateway-mqtt").stream().filter(line -> line.contains(text)).count();
  }

  @Test
  void aConnectionWithoutAnyPubackIsNotStable() throws Exception {
    clients.reconnectMin = Duration.ofSeconds(20);
    clients.reconnectMax = Duration.ofSeconds(20);
    TestClient client = clients.connected(url(), "a");
    Thread.sleep(700);
    broker.cut();
    await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> !client.connected());
  }

  @Test
  void earlyRetriesBridgeAShortOutage() throws Exception {
    clients.reconnectMin = Duration.ofMinutes(5);
    clients.reconnectMax = Duration.ofMinutes(5);
    try (FaultProxy proxy = new FaultProxy(broker.port())) {
      TestClient client = clients.connected("tcp://127.0.0.1:" + proxy.port(), "a");
      client.publish("t", new byte[1], 1);
      Thread.sleep(700);
      proxy.down();
      Thread.sleep(400); // the first one, within 250 ms, fails
      proxy.heal();
      await().atMost(SOON).until(() -> client.reconnects() == 1);
    }
  }

  @Test
  void aLostStableConnectionReconnectsWithin250Ms() throws Exception {
    clients.reconnectMin = Duration.ofMinutes(5);
    clients.reconnectMax = Duration.ofMinutes(5);
    TestClient client = clients.connected(url(), "a");
    client.publish("t", new byte[1], 1);
    Thread.sleep(700);
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    // Lost again at once, so no early retry.
    broker.cut();
    await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> !client.connected());
  }

  @Test
  @Tag("slow")
  void afterTenCutsTheBacklogDrainsAtFullSpeed() throws Exception {
    clients.reconnectMin = Duration.ofSeconds(1);
    clients.reconnectMax = Duration.ofMinutes(2);
    int messages = 40_000;
    Map<Integer, Boolean> acknowledged = new ConcurrentHashMap<>();
    try (FaultProxy proxy = new FaultProxy(broker.port())) {
      TestClient client = clients.connected("tcp://127.0.0.1:" + proxy.port(), "a");
      Semaphore window = new Semaphore(64);
      AtomicInteger cuts = new AtomicInteger();
      Thread cutter =
          new Thread(
              () -> {
                try {
                  for (; cuts.get() < 10; cuts.incrementAndGet()) {
                    Thread.sleep(1_200);
                    proxy.down();
                    Thread.sleep(300);
                    proxy.heal();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      cutter.start();
      // Like the bus: waits during an outage, and resends what failed.
      for (int i = 0; acknowledged.size() < messages; i = (i + 1) % messages) {
        if (!acknowledged.containsKey(i)) {
          assertThat(client.awaitConnected(Duration.ofSeconds(30))).isTrue();
          window.acquire();
          int number = i;
          client.link.publish(
              new MqttMessage("t", new byte[500]),
              false,
              failure -> {
                if (failure == null) {
                  acknowledged.put(number, true);
                }
                window.release();
              });
        }
        if (cuts.get() < 10 && acknowledged.size() > messages / 2) {
          Thread.sleep(1);
        }
      }
      cutter.join();
      assertThat(client.awaitConnected(Duration.ofSeconds(3))).isTrue();
    }
  }

  @Test
  void aRejectedFilterDelaysNothing() throws Exception {
    broker.subscribeAnswers.put("secret/#", 0x87);
    TestClient client = clients.connected(url(), "a");
    client.link.subscribe("secret/# open/#", 1, (message, done) -> done.run());
    client.publish("t", TestClients.message("x", 1));
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 2);
    client.publish("t", TestClients.message("x", 1));
    assertThat(broker.subscriptions()).containsExactly("open/#");
    assertThat(warnings("cannot subscribe to secret/#")).isEqualTo(1);
  }

  @Test
  void skipsAFilterThatEndsTheConnectionTwice() throws Exception {
    broker.subscribeAnswers.put("secret/#", SandboxBroker.DISCONNECT);
    TestClient client = clients.connected(url(), "a");
    client.link.subscribe("open/# secret/#", 1, (message, done) -> done.run());
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    client.publish("t", TestClients.message("x", 1));
    assertThat(broker.subscriptions()).containsExactly("open/#");
    assertThat(warnings("closed the connection twice on SUBSCRIBE")).isEqualTo(1);
    assertThat(broker.connects).hasSize(3);
  }

  @Test
  void aReplyTakesTurnsWithSamples() throws Exception {
    clients.publishesPerSecond = 5;
    clients.publishTimeout = Duration.ofSeconds(60);
    broker.listen(arrived::add);
    TestClient client = clients.connected(url(), "a");
    for (int i = 0; i < 50; i++) {
      client.send(new MqttMessage("sample", new byte[1]));
    }
    client.link.publish(new MqttMessage("reply", new byte[1]), true, failure -> {});
    await().atMost(SOON).until(() -> arrived.size() >= 8);
    assertThat(arrived.subList(0, 8)).extracting(Arrived::topic).contains("reply");
  }

  @Test
  void aBlockedSenderDoesNotDelayOthers() throws Exception {
    TestClient client = clients.connected(url(), "a");
    CountDownLatch release = new CountDownLatch(1);
    client.link.publish(
        new MqttMessage("t", new byte[1]),
        false,
        failure -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    for (int i = 0; i < 100; i++) {
      client.publish("t", TestClients.message("x", 1));
    }
    release.countDown();
  }

  @Test
  void largeMessagesShareAWindowOfBytes() throws Exception {
    clients.inFlight = 1_000;
    clients.publishTimeout = Duration.ofSeconds(30);
    broker.listen(arrived::add);
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    TestClient client = clients.connected(url(), "a");
    for (int i = 0; i < 50; i++) {
      client.send(new MqttMessage("t", new byte[900_000]));
    }
    Thread.sleep(1_500);
    assertThat(clients.meters.get("mqtt.in_flight").gauge().value()).isBetween(1.0, 9.0);
  }
}
