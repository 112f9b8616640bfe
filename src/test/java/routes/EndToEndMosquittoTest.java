package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/** The whole runtime, and a real broker that requires a client certificate. */
class EndToEndMosquittoTest {
  @RegisterExtension final NatsServer nats = new NatsServer();
  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();

  @Test
  void samplesReachMosquittoOverMutualTls(@TempDir Path folder) throws Exception {
    Certificates make = new Certificates(folder);
    Certificates.Identity server = make.server("localhost", Certificates.ec());
    Certificates.Identity device = make.client("edge-1", Certificates.rsa());
    Path ca = make.write(make.ca().certificate());
    int plain = Ports.free();
    mosquitto.start(
        "cafile " + ca,
        "certfile " + make.write(server.certificate()),
        "keyfile " + make.writePkcs8(server.keys().getPrivate()),
        "require_certificate true",
        // announced, as Receive Maximum and Maximum Packet Size
        "max_inflight_messages 5",
        "max_packet_size 20000",
        "listener " + plain + " 127.0.0.1");
    List<MqttMessage> arrived = new CopyOnWriteArrayList<>();
    MqttClient subscriber =
        new MqttClient("tcp://127.0.0.1:" + plain, "subscriber", new MemoryPersistence());
    subscriber.connect();
    subscriber.subscribe(
        new MqttSubscription[] {new MqttSubscription("devices/edge-1/metrics", 1)},
        new IMqttMessageListener[] {(topic, message) -> arrived.add(message)});

    try (RuntimeProcess runtime =
        RuntimeProcess.start(
            Map.of(
                "DEVICE_ID",
                "edge-1",
                "NATS_SERVERS",
                nats.url(),
                "COLLECT_PERIOD",
                "300ms",
                "GATEWAYS",
                "mqtt",
                "MQTT_URL",
                "ssl://localhost:" + mosquitto.port(),
                "MQTT_CA",
                ca.toString(),
                "MQTT_CERTIFICATE",
                make.write(device.certificate()).toString(),
                "MQTT_PRIVATE_KEY",
                make.writeTraditional(device.keys().getPrivate()).toString()))) {
      await("samples").atMost(Duration.ofSeconds(60)).until(() -> arrived.size() >= 3);
      assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
    }
    subscriber.disconnect();
    subscriber.close();

    MqttMessage message = arrived.get(0);
    String text = new String(message.getPayload(), StandardCharsets.UTF_8);
    String id = new ObjectMapper().readTree(text).path("id").asText();
    assertThat(message.getQos()).isEqualTo(1);
    assertThat(message.getProperties().getContentType()).isEqualTo("application/json");
    assertThat(message.getProperties().getUserProperties())
        .contains(new UserProperty("id", id), new UserProperty("device", "edge-1"));
  }
}
