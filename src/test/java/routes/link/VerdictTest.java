package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.uplink.Uplink.Verdict;

/** What a failed publish says about its message. */
@Timeout(120)
class VerdictTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MeanBroker broker = new MeanBroker();
  private final TestClients clients = new TestClients();
  private final List<Arrived> arrived = new ArrayList<>();
  private final Map<Integer, Verdict> verdicts = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    clients.close();
    broker.close();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private String url() {
    return "tcp://127.0.0.1:" + broker.port();
  }

  private TestClient client(int version) throws Exception {
    TestClient client = clients.start(version, url(), "e");
    assertThat(client.awaitConnected(SOON)).isTrue();
    return client;
  }

  private static void publish(TestClient client, String text) throws Exception {
    client.publish("t", TestClients.message(text, 1));
  }

  /** Each in its own thread, each sent before the next. */
  private void publish(TestClient client, int from, int to, Predicate<Integer> inFlight) {
    for (int i = from; i < to; i++) {
      int number = i;
      long reconnects = client.reconnects();
      Thread thread =
          new Thread(
              () -> {
                try {
                  publish(client, "" + number);
                } catch (Exception e) {
                  verdicts.put(number, client.verdict(e, reconnects));
                }
              });
      threads.add(thread);
      thread.start();
      if (inFlight.test(number)) {
        await().atMost(SOON).until(() -> seen(number));
      }
    }
  }

  private boolean seen(int number) {
    synchronized (arrived) {
      return arrived.stream().anyMatch(message -> message.text().equals("" + number));
    }
  }

  private int answer(Arrived message, int answer) {
    synchronized (arrived) {
      arrived.add(message);
    }
    return answer;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void suspectsTheOldestInFlightWhenTheBrokerCloses(int version) throws Exception {
    broker.publishAnswer = m -> answer(m, m.text().equals("0") ? 0 : MeanBroker.SILENCE);
    broker.start(0);
    TestClient client = client(version);
    publish(client, 0, 6, i -> true);
    broker.cut();
    await().atMost(SOON).until(() -> verdicts.size() == 5);
    assertThat(verdicts).containsEntry(1, Verdict.SUSPECT);
    assertThat(IntStream.range(2, 6).mapToObj(verdicts::get)).containsOnly(Verdict.AWAY);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void suspectsTheRejectedMessageOnceItIsTheOldest(int version) throws Exception {
    broker.publishAnswer = m -> answer(m, m.text().equals("1") ? MeanBroker.DISCONNECT : 0);
    broker.start(0);
    TestClient client = client(version);
    publish(client, 0, 2, i -> true);
    await().atMost(SOON).until(() -> verdicts.size() == 1);
    assertThat(verdicts).containsEntry(1, Verdict.SUSPECT);
  }

  @Test
  void doesNotSuspectQueuedMessages() throws Exception {
    clients.inFlight = 1;
    broker.publishAnswer = m -> answer(m, MeanBroker.SILENCE);
    broker.start(0);
    TestClient client = client(5);
    publish(client, 0, 4, i -> i == 0);
    await().atMost(SOON).until(() -> threads.stream().allMatch(VerdictTest::waits));
    broker.cut();
    await().atMost(SOON).until(() -> verdicts.size() == 4);
    assertThat(verdicts).containsEntry(0, Verdict.SUSPECT);
    assertThat(IntStream.range(1, 4).mapToObj(verdicts::get)).containsOnly(Verdict.AWAY);
  }

  private static boolean waits(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  @ParameterizedTest
  @ValueSource(ints = {0x8B, 0x8D, 0x8E, 0x98})
  void doesNotSuspectMessagesForAReasonOfTheConnection(int code) throws Exception {
    broker.publishAnswer = m -> answer(m, MeanBroker.SILENCE);
    broker.start(0);
    TestClient client = client(5);
    publish(client, 0, 2, i -> true);
    broker.kick("e", code);
    await().atMost(SOON).until(() -> verdicts.size() == 2);
    assertThat(verdicts.values()).containsOnly(Verdict.AWAY);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void doesNotSuspectMessagesWhenPubacksTimeOut(int version) throws Exception {
    clients.publishTimeout = Duration.ofMillis(300);
    broker.publishAnswer = m -> answer(m, MeanBroker.SILENCE);
    broker.start(0);
    publish(client(version), 0, 2, i -> true);
    await().atMost(SOON).until(() -> verdicts.size() == 2);
    assertThat(verdicts.values()).containsOnly(Verdict.AWAY);
  }

  @Test
  void aPubackWithAnErrorIsARefusal() throws Exception {
    broker.publishAnswer = m -> answer(m, 0x99);
    broker.start(0);
    publish(client(5), 0, 1, i -> true);
    await().atMost(SOON).until(() -> verdicts.equals(Map.of(0, Verdict.REFUSED)));
  }

  /** EMQX responds like this above its rate limit. */
  @Test
  void doesNotBlameMessagesForAQuota() throws Exception {
    broker.publishAnswer = m -> answer(m, 0x97);
    broker.start(0);
    TestClient client = client(5);
    publish(client, 0, 1, i -> true);
    await().atMost(SOON).until(() -> verdicts.equals(Map.of(0, Verdict.BUSY)));
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void anOversizedMessageIsARefusal() throws Exception {
    broker.announce(MqttPropertyType.MAXIMUM_PACKET_SIZE, 5);
    broker.start(0);
    publish(client(5), 0, 1, i -> false);
    await().atMost(SOON).until(() -> verdicts.equals(Map.of(0, Verdict.REFUSED)));
  }

  @Test
  void aFailureOfTheRouteIsARefusalOnlyWhileConnected() throws Exception {
    broker.start(0);
    TestClient client = client(5);
    Exception own = new ClassCastException("body");
    assertThat(client.verdict(own, 0)).isEqualTo(Verdict.REFUSED);
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    assertThat(client.verdict(own, 0)).isEqualTo(Verdict.AWAY);
    assertThat(client.verdict(own, 1)).isEqualTo(Verdict.REFUSED);
  }
}
