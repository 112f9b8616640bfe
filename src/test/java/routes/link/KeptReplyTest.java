package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;

/** A reply to a command survives a lost connection and a busy broker. */
@Timeout(120)
class KeptReplyTest {
  private static final int QUOTA_EXCEEDED = 0x97;
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

  @BeforeEach
  void startBroker() throws Exception {
    broker.start(0);
  }

  @AfterEach
  void stop() {
    clients.close();
    broker.close();
  }

  private TestClient connected(int version) throws Exception {
    TestClient client = clients.start(version, "tcp://127.0.0.1:" + broker.port(), "e");
    assertThat(client.awaitConnected(SOON)).isTrue();
    return client;
  }

  private static CompletableFuture<Failure> reply(TestClient client) {
    CompletableFuture<Failure> outcome = new CompletableFuture<>();
    client.link.reply(new MqttMessage("reply", "r".getBytes()), outcome::complete);
    return outcome;
  }

  private int answer(Arrived message, int answer) {
    arrived.add(message);
    return answer;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void isSentAgainAfterTheConnectionIsLost(int version) throws Exception {
    broker.publishAnswer = m -> answer(m, arrived.isEmpty() ? MeanBroker.SILENCE : 0);
    TestClient client = connected(version);
    CompletableFuture<Failure> outcome = reply(client);
    await().atMost(SOON).until(() -> arrived.size() == 1);
    broker.cut();
    assertThat(outcome.get(60, TimeUnit.SECONDS)).isNull();
    assertThat(arrived).hasSize(2);
  }

  @Test
  void waitsDuringAnOutage() throws Exception {
    broker.publishAnswer = m -> answer(m, 0);
    TestClient client = connected(5);
    int port = broker.port();
    broker.close();
    await().atMost(SOON).until(() -> !client.connected());
    CompletableFuture<Failure> outcome = reply(client);
    assertThat(client.send(new MqttMessage("sample", new byte[0])))
        .as("a sample fails at once: the bus has it")
        .failsWithin(SOON);
    assertThat(outcome).isNotDone();
    MeanBroker again = new MeanBroker();
    again.publishAnswer = m -> answer(m, 0);
    again.start(port);
    try {
      assertThat(outcome.get(60, TimeUnit.SECONDS)).isNull();
    } finally {
      again.close();
    }
  }

  @Test
  void isSentAgainToABusyBroker() throws Exception {
    broker.publishAnswer = m -> answer(m, arrived.isEmpty() ? QUOTA_EXCEEDED : 0);
    TestClient client = connected(5);
    assertThat(reply(client).get(60, TimeUnit.SECONDS)).isNull();
    assertThat(arrived).hasSize(2);
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void isDiscardedIfItEndsTheConnectionEachTime() throws Exception {
    broker.publishAnswer = m -> answer(m, MeanBroker.DISCONNECT);
    CompletableFuture<Failure> outcome = reply(connected(5));
    assertThat(outcome.get(60, TimeUnit.SECONDS)).isNotNull();
    assertThat(arrived).hasSize(5);
  }

  @Test
  void doesNotWaitOnceTheLinkStops() throws Exception {
    TestClient client = connected(5);
    broker.close();
    await().atMost(SOON).until(() -> !client.connected());
    CompletableFuture<Failure> outcome = reply(client);
    client.link.stopListening();
    assertThat(outcome.get(60, TimeUnit.SECONDS)).isNotNull();
  }
}
