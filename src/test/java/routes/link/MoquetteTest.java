package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.sandbox.Ports;

/** Tests with an in-process broker that supports only MQTT 3.1.1. */
@Timeout(120)
class MoquetteTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path data;

  private Server start(int port) throws IOException {
    Properties settings = new Properties();
    settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
    settings.setProperty(IConfig.PORT_PROPERTY_NAME, Integer.toString(port));
    settings.setProperty(IConfig.DATA_PATH_PROPERTY_NAME, data.toString());
    settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
    settings.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, "true");
    settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
    Server broker = new Server();
    broker.startServer(new MemoryConfig(settings));
    return broker;
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "V3_1_1"})
  void exchangesMessagesOfEachQosOnce(MqttVersion version) throws Exception {
    int port = Ports.free();
    Server broker = start(port);
    try (TestClients clients = new TestClients()) {
      TestClient client = clients.start("tcp://127.0.0.1:" + port, "a", version);
      assertThat(client.awaitConnected(SOON)).as("%s", client.lastError()).isTrue();
      List<String> received = new CopyOnWriteArrayList<>();
      client.setCallback((topic, message) -> received.add(TestClients.text(message)));
      // Once it has rejected MQTT 5, Moquette may also end the next connection of that client id.
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(
              () -> {
                client.subscribe("t/#", 1);
                return true;
              });
      for (int qos = 0; qos <= 2; qos++) {
        client.publish("t/" + qos, TestClients.message("q" + qos, qos));
      }
      await().atMost(SOON).until(() -> received.size() == 3);
      assertThat(received).containsExactlyInAnyOrder("q0", "q1", "q2");
    } finally {
      broker.stopServer();
    }
  }

  @Test
  void reportsThatVersion5IsRefused() throws Exception {
    int port = Ports.free();
    Server broker = start(port);
    try (TestClients clients = new TestClients()) {
      TestClient client = clients.start("tcp://127.0.0.1:" + port, "a", MqttVersion.V5);
      await().atMost(SOON).until(() -> client.lastError().isPresent());
      assertThat(client.connected()).isFalse();
      assertThat(client.lastError().orElseThrow()).contains("the broker doesn't speak MQTT 5");
    } finally {
      broker.stopServer();
    }
  }
}
