package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.sandbox.MeanBroker;
import routes.sandbox.SandboxBroker;

/** A credential is renewed before it expires, without affecting messages. */
@Timeout(120)
class RenewalTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  enum Version {
    MQTT_3,
    MQTT_5
  }

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final AtomicInteger made = new AtomicInteger();
  private TestClient client;

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
  }

  private void givenClient(Version version, Duration renewal) throws Exception {
    clients.credentials =
        () ->
            new Credential(
                Optional.of("u"), Optional.of("p" + made.incrementAndGet()), Optional.of(renewal));
    String url = "tcp://127.0.0.1:" + broker.port();
    client = clients.start(version == Version.MQTT_3 ? 3 : 5, url, "a");
    assertThat(client.awaitConnected(SOON)).isTrue();
  }

  private void publish(String text) throws Exception {
    client.publish("t", TestClients.message(text, 1));
  }

  @ParameterizedTest
  @EnumSource
  void renewalNeitherLosesNorRefusesMessages(Version version) throws Exception {
    Set<String> arrived = ConcurrentHashMap.newKeySet();
    broker.listen(message -> arrived.add(message.text())).start(0);
    givenClient(version, Duration.ofSeconds(1));
    Instant since = client.since();
    AtomicBoolean enough = new AtomicBoolean();
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> publishers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = i + "-";
      publishers.add(
          threads.submit(
              () -> {
                for (int n = 0; !enough.get(); n++) {
                  publish(name + n);
                  acknowledged.add(name + n);
                  assertThat(client.connected()).isTrue();
                }
                return null;
              }));
    }
    await().atMost(SOON).until(() -> broker.connects.size() >= 5);
    enough.set(true);
    for (Future<?> publisher : publishers) {
      publisher.get();
    }
    threads.shutdown();
    assertThat(acknowledged).hasSizeGreaterThan(1000);
    acknowledged.removeAll(arrived);
    assertThat(acknowledged).as("acknowledged but not arrived").isEmpty();
    assertThat(broker.connects)
        .extracting(connect -> connect.password().orElse(""))
        .startsWith("p1", "p2", "p3");
    assertThat(client.reconnects()).isZero();
    assertThat(client.since()).isEqualTo(since);
    assertThat(client.lastError()).isEmpty();
    assertThat(broker.farewells.get()).as("DISCONNECT").isGreaterThanOrEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource
  void resendsMessagesInFlightForTooLong(Version version) throws Exception {
    List<String> sent = new CopyOnWriteArrayList<>();
    broker.publishAnswer =
        message -> {
          sent.add(message.text());
          return sent.size() == 1 ? SandboxBroker.SILENCE : SandboxBroker.SUCCESS;
        };
    broker.start(0);
    givenClient(version, Duration.ofSeconds(1));
    publish("one");
    assertThat(sent).containsExactly("one", "one");
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void pausesIfACredentialExpiresBeforeTheConnectionIsOpen() throws Exception {
    AtomicInteger connects = new AtomicInteger();
    List<Socket> silent = new CopyOnWriteArrayList<>();
    clients.credentials =
        () ->
            new Credential(Optional.empty(), Optional.empty(), Optional.of(Duration.ofMillis(50)));
    clients.reconnectMin = Duration.ofSeconds(30);
    clients.reconnectMax = Duration.ofSeconds(30);
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread accepting =
          new Thread(
              () -> {
                try {
                  while (silent.add(server.accept())) {
                    connects.incrementAndGet();
                  }
                } catch (IOException e) {
                  // the end of the test
                }
              });
      accepting.start();
      client = clients.start("tcp://127.0.0.1:" + server.getLocalPort(), "a");
      await()
          .atMost(SOON)
          .until(
              () -> client.lastError().orElse("").contains("no CONNACK before the credential was"));
      await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> connects.get() == 1);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedRenewalIsAnOutage(Version version) throws Exception {
    broker.start(0);
    givenClient(version, Duration.ofMillis(500));
    broker.connectAnswer = SandboxBroker.NOT_AUTHORIZED;
    await().atMost(SOON).until(() -> !client.connected());
    assertThat(client.refused()).isTrue();
    assertThat(client.lastError())
        .contains("refused: not authorized (mqtt.username, mqtt.password)");
    assertThatThrownBy(() -> publish("x")).hasMessageContaining("is not connected: refused");
    broker.connectAnswer = SandboxBroker.SUCCESS;
    await().atMost(SOON).until(client::connected);
    assertThat(client.reconnects()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aPublishDuringARefusedRenewalFails(Version version) throws Exception {
    broker.publishAnswer = message -> SandboxBroker.SILENCE;
    broker.start(0);
    givenClient(version, Duration.ofSeconds(1));
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    Thread publisher =
        new Thread(
            () -> {
              try {
                publish("x");
                outcome.complete(null);
              } catch (Exception e) {
                outcome.complete(e);
              }
            });
    publisher.start();
    broker.connectAnswer = SandboxBroker.NOT_AUTHORIZED;
    assertThat(outcome.get()).hasMessageContaining("is not connected: refused: not authorized");
    publisher.join();
  }
}
