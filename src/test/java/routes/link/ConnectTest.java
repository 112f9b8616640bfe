package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import routes.sandbox.Connect;
import routes.sandbox.MeanBroker;
import routes.sandbox.Ports;
import routes.sandbox.SandboxBroker;

/** Connecting, disconnecting and reconnecting, with the sandbox broker. */
@Timeout(120)
class ConnectTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String SECRET = "s3cr3t-w0rd";

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final LogCapture log = new LogCapture();

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
    log.close();
  }

  private String url() {
    return "tcp://127.0.0.1:" + broker.port();
  }

  private List<String> lines() {
    return log.lines("gateway-mqtt");
  }

  @Test
  void startDoesNotBlockAndRetriesTheFirstConnection() throws Exception {
    int port = Ports.free();
    Instant start = Instant.now();
    TestClient client = clients.start("tcp://127.0.0.1:" + port, "a");
    await().atMost(SOON).until(() -> connects("unreachable") >= 3);
    assertThat(client.connected()).isFalse();
    assertThat(client.awaitConnected(Duration.ofMillis(1))).isFalse();
    assertThat(client.lastError()).contains("unreachable: connection refused at 127.0.0.1:" + port);
    // One line, regardless of the number of attempts.
    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0))
        .startsWith(
            "not connected: unreachable: connection refused at 127.0.0.1:"
                + port
                + "; reconnecting in ");

    broker.start(port);
    assertThat(client.awaitConnected(SOON)).isTrue();
    assertThat(lines()).hasSize(2).last().isEqualTo("connected to 127.0.0.1:" + port + " as a");
    assertThat(client.reconnects()).isZero();
    assertThat(client.since()).isAfter(start);
    assertThat(connects("success")).isEqualTo(1);
    assertThat(clients.meters.get("mqtt.connected").tag("gateway", "gateway-mqtt").gauge().value())
        .isEqualTo(1);
  }

  private double connects(String result) {
    return clients.meters.get("mqtt.connects").tag("result", result).counter().count();
  }

  @Test
  void createsACredentialForEachConnect() throws Exception {
    broker.start(0);
    AtomicInteger number = new AtomicInteger();
    clients.credentials =
        () -> new Credential(Optional.of("u"), Optional.of("p" + number.incrementAndGet()));
    TestClient client = clients.connected(url(), "a");
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    assertThat(broker.connects)
        .extracting(connect -> connect.password().orElse(""))
        .containsExactly("p1", "p2");
    Connect connect = broker.connects.get(0);
    assertThat(connect.username()).contains("u");
    assertThat(connect.cleanStart()).isTrue();
    assertThat(connect.keepAlive()).isEqualTo(10);
    assertThat(connect.version()).isEqualTo(5);
  }

  @Test
  void reportsAWrongPasswordWithoutShowingItAndRetriesSlowly() throws Exception {
    clients.reconnectMax = Duration.ofSeconds(2);
    clients.credentials = TestClients.user("u", SECRET);
    broker.connectAnswer = SandboxBroker.BAD_USER_NAME_OR_PASSWORD;
    broker.start(0);
    TestClient client = clients.start(url(), "a");
    await().atMost(SOON).until(() -> broker.connectTimes.size() >= 3);
    assertThat(client.lastError())
        .contains("refused: bad user name or password (mqtt.username, mqtt.password)");
    for (int i = 1; i < 3; i++) {
      long pause = broker.connectTimes.get(i) - broker.connectTimes.get(i - 1);
      assertThat(Duration.ofNanos(pause)).isGreaterThan(Duration.ofMillis(999));
    }
    assertThat(connects("refused")).isGreaterThanOrEqualTo(2);
    assertThat(lines()).hasSize(1);

    broker.connectAnswer = SandboxBroker.SUCCESS;
    assertThat(client.awaitConnected(SOON)).isTrue();
    assertThat(log.text()).doesNotContain(SECRET);
    assertThat(client.lastError().orElse("")).doesNotContain(SECRET);
    assertThat(clients.credentials.get().toString()).doesNotContain(SECRET);
  }

  @Test
  void aBrokerThatDisconnectsAtOnceDoesNotFloodTheLog() throws Exception {
    broker.kicksAtOnce = true;
    broker.start(0);
    TestClient client = clients.start(url(), "a");
    await().atMost(SOON).until(() -> broker.connects.size() >= 6);
    broker.kicksAtOnce = false;
    await().atMost(SOON).until(client::connected);
    assertThat(lines())
        .filteredOn(line -> line.contains("the broker disconnected: not authorized (0x87)"))
        .hasSize(1);
  }

  @Test
  void aServerThatClosesBeforeConnectLeaksNoThread() throws Exception {
    broker.closesAtOnce = true;
    broker.start(0);
    TestClient client = clients.start(url(), "a");
    await().atMost(SOON).until(() -> broker.accepts.get() >= 5);
    broker.closesAtOnce = false;
    assertThat(client.awaitConnected(SOON)).isTrue();
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(TestClients.threads())
                    .filteredOn(name -> name.startsWith("MQTT Con"))
                    .isEmpty());
  }

  @Test
  void reportsAnotherClientWithTheSameId() throws Exception {
    broker.start(0);
    clients.reconnectMin = Duration.ofSeconds(20);
    clients.reconnectMax = Duration.ofSeconds(20);
    TestClient first = clients.connected(url(), "same");
    clients.connected(url(), "same");
    await().atMost(SOON).until(() -> !first.connected());
    assertThat(first.lastError()).contains("the broker disconnected: session taken over (0x8E)");
    assertThat(lines())
        .anyMatch(
            line ->
                line.equals(
                    "disconnected: the broker disconnected: session taken over (0x8E);"
                        + " reconnecting in 20 s"));
  }

  @Test
  void stoppingSendsDisconnect() throws Exception {
    broker.start(0);
    TestClient client = clients.connected(url(), "a");
    client.stop();
    await().atMost(SOON).until(() -> broker.farewells.get() == 1);
    assertThat(client.connected()).isFalse();
    assertThat(lines()).hasSize(1);
    assertThat(failure(client)).isEqualTo("mqtt is not connected: stopped");
  }

  private static String failure(TestClient client) {
    try {
      client.publish("t", TestClients.message("m", 1));
      return "none";
    } catch (Exception e) {
      return e.getMessage();
    }
  }

  @Test
  void stopsQuicklyIfTheBrokerHangs() throws Exception {
    broker.start(0);
    TestClient client = clients.connected(url(), "a");
    broker.pause();
    long start = System.nanoTime();
    client.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void pingsKeepAnIdleConnection() throws Exception {
    clients.keepAlive = Duration.ofSeconds(2);
    broker.start(0);
    TestClient client = clients.connected(url(), "a");
    // The broker disconnects a client that is silent for 3 s.
    await().during(Duration.ofSeconds(7)).atMost(SOON).until(client::connected);
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void aBusyServerIsNotARefusal() throws Exception {
    broker.connectAnswer = 0x89;
    broker.start(0);
    TestClient client = clients.start(url(), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError()).contains("unavailable: server busy (0x89)");
    assertThat(client.refused()).isFalse();
    broker.connectAnswer = SandboxBroker.SUCCESS;
    assertThat(client.awaitConnected(SOON)).isTrue();
  }

  @Test
  void keepAliveOfTheBrokerOverridesOurs() throws Exception {
    clients.keepAlive = Duration.ofSeconds(60);
    broker.announce(MqttPropertyType.SERVER_KEEP_ALIVE, 1);
    broker.start(0);
    TestClient client = clients.connected(url(), "a");
    await().during(Duration.ofSeconds(5)).atMost(SOON).until(client::connected);
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void reportsACredentialThatCannotBeCreated() throws Exception {
    broker.start(0);
    clients.credentials =
        () -> {
          throw new IllegalStateException("the key file is gone");
        };
    TestClient client = clients.start(url(), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError()).contains("refused: no credential: the key file is gone");
  }

  @Test
  void namesAnUnknownHost() throws Exception {
    TestClient client = clients.start("tcp://nowhere.invalid:1883", "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError()).contains("unreachable: unknown host nowhere.invalid");
  }
}
