package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.Mosquitto;
import routes.NatsServer;
import routes.sandbox.Ports;

/** Both versions with real brokers. nats-server supports only MQTT 3.1.1. */
@Timeout(120)
class RealBrokersTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();

  private static void roundTrip(TestClients clients, int port, MqttVersion version, int highestQos)
      throws Exception {
    TestClient client = clients.start("tcp://127.0.0.1:" + port, "a", version);
    assertThat(client.awaitConnected(SOON)).as("%s", client.lastError()).isTrue();
    List<String> received = new CopyOnWriteArrayList<>();
    client.setCallback((topic, message) -> received.add(TestClients.text(message)));
    client.subscribe("t/#", 1);
    for (int qos = 0; qos <= highestQos; qos++) {
      client.publish("t/" + qos, TestClients.message("q" + qos, qos));
    }
    await().atMost(SOON).until(() -> received.size() == highestQos + 1);
    assertThat(client.reconnects()).isZero();
  }

  @Test
  void autoDetectsMqtt311AtNatsServer() throws Exception {
    int port = Ports.free();
    nats.configure("server_name: n1\nmqtt { port: " + port + " }");
    nats.start();
    try (TestClients clients = new TestClients()) {
      // 2.9 closes the connection at QoS 2.
      roundTrip(clients, port, MqttVersion.AUTO, 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void mosquittoSpeaksEachVersion(MqttVersion version) throws Exception {
    mosquitto.start();
    try (TestClients clients = new TestClients()) {
      roundTrip(clients, mosquitto.port(), version, 2);
    }
  }
}
