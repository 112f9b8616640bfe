package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.Mosquitto;
import routes.uplink.Uplink.Verdict;

/** A real broker whose access list forbids a topic. */
@Timeout(120)
class ForbiddenTopicTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();
  private final TestClients clients = new TestClients();
  private final LogCapture log = new LogCapture();

  @AfterEach
  void stop() {
    clients.close();
    log.close();
  }

  private TestClient connected(String... permitted) throws Exception {
    mosquitto.start(mosquitto.permit(permitted));
    return clients.connected("tcp://127.0.0.1:" + mosquitto.port(), "edge-1");
  }

  private static Throwable failure(TestClient client, String topic) {
    try {
      client.send(new MqttMessage(topic, new byte[] {1})).join();
      return null;
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  private double refusals() {
    return clients.meters.get("mqtt.publish.forbidden").counter().count();
  }

  @Test
  void isLoggedOnceWithTheSettingAndShownAsTheState() throws Exception {
    TestClient client = connected("allowed");
    for (int i = 0; i < 100; i++) {
      Throwable failure = failure(client, "devices/edge-1/metrics");
      assertThat(failure).hasMessage("refused by the broker: not authorized (0x87)");
      assertThat(client.verdict(failure, 0)).as("nothing may be sent").isEqualTo(Verdict.BUSY);
    }
    String line =
        "publishing to \"devices/edge-1/metrics\": refused by the broker: not authorized (0x87);"
            + " grant this device's user the permission at the broker, or change mqtt.topic";
    assertThat(client.link.forbidden()).contains(line);
    assertThat(log.lines("gateway-mqtt")).filteredOn(line::equals).hasSize(1);
    assertThat(refusals()).as("what crossed the network").isEqualTo(1);
    assertThat(client.connected()).isTrue();
  }

  @Test
  void countsAgainstTheMessageOnceAnotherTopicWasAccepted() throws Exception {
    TestClient client = connected("allowed");
    assertThat(failure(client, "allowed")).isNull();
    Throwable failure = failure(client, "forbidden");
    assertThat(client.verdict(failure, 0)).as("none accepted since").isEqualTo(Verdict.BUSY);
    assertThat(failure(client, "allowed")).isNull();
    assertThat(client.verdict(failure, 0)).isEqualTo(Verdict.REFUSED);
    assertThat(client.link.forbidden()).isPresent();
  }

  @Test
  @Tag("slow")
  void isTriedAgainAndFoundPermitted() throws Exception {
    TestClient client = connected("allowed");
    assertThat(failure(client, "t")).isNotNull();
    mosquitto.permit("allowed", "t");
    mosquitto.reload();
    await().atMost(SOON).until(() -> failure(client, "t") == null);
    assertThat(client.link.forbidden()).isEmpty();
    assertThat(refusals()).isEqualTo(1);
    assertThat(log.lines("gateway-mqtt")).contains("publishing to \"t\" is allowed again");
  }
}
