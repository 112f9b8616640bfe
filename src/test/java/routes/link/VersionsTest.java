package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.RawBroker;
import routes.sandbox.RawBroker.Script;

/** How {@code version = auto} detects the MQTT version. */
@Timeout(120)
class VersionsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final TestClients clients = new TestClients();

  /** Protocol levels of the CONNECTs so far: 4 is 3.1.1. */
  private final List<Integer> levels = new CopyOnWriteArrayList<>();

  private RawBroker broker;

  @AfterEach
  void stop() throws Exception {
    clients.close();
    broker.close();
  }

  private TestClient given(MqttVersion version, Script answer) throws Exception {
    broker = new RawBroker(answer);
    return clients.start("tcp://127.0.0.1:" + broker.port(), "a", version);
  }

  private int level(RawBroker.Peer peer) throws java.io.IOException {
    int level = peer.await(RawBroker.CONNECT)[6];
    levels.add(level);
    return level;
  }

  private static void accept(RawBroker.Peer peer, int level) throws java.io.IOException {
    peer.packet(RawBroker.CONNACK << 4, level == 5 ? new byte[3] : new byte[2]);
  }

  @Test
  void triesVersion5First() throws Exception {
    TestClient client =
        given(
            MqttVersion.AUTO,
            peer -> {
              accept(peer, level(peer));
              peer.drain();
            });
    assertThat(client.awaitConnected(SOON)).isTrue();
    assertThat(levels).containsExactly(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x84", "return code 1"})
  void switchesTo311PermanentlyWhenVersion5IsRejected(String answer) throws Exception {
    clients.reconnectMin = Duration.ofSeconds(5);
    clients.reconnectMax = Duration.ofSeconds(5);
    TestClient client =
        given(
            MqttVersion.AUTO,
            peer -> {
              int level = level(peer);
              if (level == 4) {
                accept(peer, 4);
                peer.acknowledge();
              } else if (answer.equals("0x84")) {
                peer.send(0x20, 3, 0, 0x84, 0);
              } else {
                peer.send(0x20, 2, 0, 1);
              }
            });
    assertThat(client.awaitConnected(Duration.ofSeconds(3))).isTrue();
    assertThat(levels).containsExactly(5, 4);
    client.publish("t", TestClients.message("x", 1));
  }

  @Test
  void triesBothVersionsAfterABareCloseAndDoesNotKeep311() throws Exception {
    TestClient client =
        given(
            MqttVersion.AUTO,
            peer -> {
              int level = level(peer);
              if (level == 4) {
                accept(peer, 4);
                peer.acknowledge();
              }
            });
    assertThat(client.awaitConnected(SOON)).isTrue();
    assertThat(levels).containsExactly(5, 4);
    broker.cut();
    await().atMost(SOON).until(() -> client.reconnects() == 1);
    assertThat(levels).containsExactly(5, 4, 5, 4);
  }

  @Test
  void returnsToVersion5IfTheBrokerClosedForAnotherReason() throws Exception {
    TestClient client =
        given(
            MqttVersion.AUTO,
            peer -> {
              int level = level(peer);
              if (levels.size() > 4 && level == 5) {
                accept(peer, level);
                peer.drain();
              }
            });
    assertThat(client.awaitConnected(SOON)).isTrue();
    assertThat(levels).containsExactly(5, 4, 5, 4, 5);
  }

  @Test
  void keepsAFixedVersion() throws Exception {
    TestClient client = given(MqttVersion.V5, peer -> level(peer));
    await().atMost(SOON).until(() -> levels.size() >= 4);
    assertThat(levels).containsOnly(5);
    assertThat(client.connected()).isFalse();
  }
}
