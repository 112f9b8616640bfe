package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.Mosquitto;

/** Messages that a real broker kept for a disconnected client. */
@Timeout(120)
class KeptSessionTest {
  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();
  private final TestClients clients = new TestClients();

  @AfterEach
  void stop() {
    clients.close();
  }

  /** They arrive with the CONNACK, and the route that consumes them may start later. */
  @Test
  void waitForTheirRoute() throws Exception {
    mosquitto.start();
    String url = "tcp://127.0.0.1:" + mosquitto.port();
    clients.cleanSession = false;
    TestClient first = clients.connected(url, "device");
    first.subscribe("cmd/+", 1);
    first.stop();
    clients.cleanSession = true;
    TestClient sender = clients.connected(url, "sender");
    sender.publish("cmd/a", "1".getBytes(), 1);
    sender.publish("cmd/a", "2".getBytes(), 1);
    clients.cleanSession = false;
    TestClient second = clients.connected(url, "device");
    await().during(Duration.ofMillis(300)).until(() -> true);
    List<String> arrived = new CopyOnWriteArrayList<>();
    second.subscribe("cmd/+", 1, (topic, message) -> arrived.add(TestClients.text(message)));
    await().atMost(Duration.ofSeconds(60)).until(() -> arrived.size() == 2);
    assertThat(arrived).containsExactly("1", "2");
  }
}
