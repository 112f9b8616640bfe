package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStream;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.Mosquitto;
import routes.NatsServer;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/** The generic gateway's brokers, killed under load and started again: lost = 0. */
@Timeout(300)
class BrokersSuite {
  private static final int MESSAGES = 3_000;

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;
  private final Set<Integer> landed = ConcurrentHashMap.newKeySet();
  private MqttClient subscriber;

  /** Starts or kills a broker. */
  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  /**
   * With QoS 0 and no queue the subscriber has a message before its PUBACK goes out, so that
   * nothing that was acknowledged is lost with the broker.
   */
  @Test
  void mosquittoKilledUnderLoadLosesNothing() throws Exception {
    Mosquitto mosquitto = new Mosquitto().open();
    try (mosquitto) {
      mosquitto.start("persistence false", "max_queued_messages 0");
      killedUnderLoad(mosquitto.port(), 0, mosquitto::kill, mosquitto::restart);
    }
  }

  /** It keeps the subscriber's session on disk. */
  @Test
  void hivemqKilledUnderLoadLosesNothing() throws Exception {
    String classpath = VendorPackages.hivemq();
    int port = Ports.free();
    VendorProcess[] broker = new VendorProcess[1];
    Step start = () -> broker[0] = hivemq(classpath, port);
    start.run();
    try {
      killedUnderLoad(port, 1, () -> broker[0].close(), start);
    } finally {
      broker[0].close();
    }
  }

  private VendorProcess hivemq(String classpath, int port) throws IOException {
    return VendorPackages.start(
        Map.of(),
        System.getProperty("java.home") + "/bin/java",
        "-Xmx256m",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
        "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
        "-cp",
        classpath,
        VendorPackages.SCRIPTS.resolve("hivemq/HiveMq.java"),
        folder.resolve("hivemq"),
        port);
  }

  private void killedUnderLoad(int port, int qos, Step kill, Step restart) throws Exception {
    String url = "tcp://127.0.0.1:" + port;
    soon().ignoreExceptions().until(() -> subscribed(url, qos));
    Map<String, String> settings =
        Map.of(
            "GATEWAYS", "mqtt",
            "MQTT_URL", url,
            "MQTT_PUBLISH_TIMEOUT", "3s",
            "DEVICE_ID", "edge-1",
            "NATS_SERVERS", nats.url(),
            "COLLECT_PERIOD", "1h",
            "RECONNECT_MIN", "100ms",
            "RECONNECT_MAX", "1s",
            "DATA_DIRECTORY", folder.resolve("data").toString());
    try (RuntimeProcess runtime = RuntimeProcess.startJar(settings)) {
      soon().until(() -> runtime.get("/health/ready").status() == 200);
      feed(0, MESSAGES / 2);
      soon().until(() -> landed.size() > MESSAGES / 10);
      kill.run();
      feed(MESSAGES / 2, MESSAGES);
      subscriber.close(true);
      restart.run();
      soon().ignoreExceptions().until(() -> subscribed(url, qos));
      Set<Integer> all = Set.copyOf(IntStream.range(0, MESSAGES).boxed().toList());
      soon().untilAsserted(() -> assertThat(landed).hasSize(MESSAGES));
      assertThat(landed).isEqualTo(all);
      assertThat(runtime.get("/api/gateways").body()).contains("\"reconnects\":1");
    }
  }

  private void feed(int from, int to) throws Exception {
    JetStream stream = nats.connection().jetStream();
    for (int i = from; i < to; i++) {
      Headers id = new Headers().add("Nats-Msg-Id", "id-" + i);
      stream.publish(
          "telemetry.edge-1.metrics", id, String.valueOf(i).getBytes(StandardCharsets.UTF_8));
    }
  }

  private boolean subscribed(String url, int qos) throws MqttException {
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(false);
    options.setSessionExpiryInterval(600L);
    subscriber = new MqttClient(url, "subscriber", new MemoryPersistence());
    IMqttMessageListener listener =
        (topic, message) -> landed.add(Integer.parseInt(message.toString()));
    subscriber.connect(options);
    subscriber.subscribe(
        new MqttSubscription[] {new MqttSubscription("devices/edge-1/metrics", qos)},
        new IMqttMessageListener[] {listener});
    return true;
  }

  private static ConditionFactory soon() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }

  @AfterEach
  void leave() throws MqttException {
    if (subscriber != null) {
      subscriber.disconnectForcibly(0, 100, false);
      subscriber.close(true);
    }
  }
}
