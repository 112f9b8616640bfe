package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import routes.settings.Settings;
import routes.tls.TlsFiles;

/** Makes clients for tests, stops them, and looks that they left nothing behind. */
public final class TestClients implements AutoCloseable {
  public final MeterRegistry meters = new SimpleMeterRegistry();
  public static final SettingNames NAMES =
      new SettingNames(
          "mqtt.ca",
          "mqtt.certificate",
          "mqtt.private-key",
          "mqtt.username, mqtt.password",
          "mqtt.client-id");

  public Supplier<Credential> credentials = () -> Credential.NONE;
  public Supplier<SSLContext> tls = () -> null;
  public Duration publishTimeout = Duration.ofSeconds(10);
  public Duration reconnectMin = Duration.ofMillis(20);
  public Duration reconnectMax = Duration.ofMillis(300);
  public Duration keepAlive = Duration.ofSeconds(10);
  public int inFlight = 64;
  public int publishesPerSecond = ConnectionPolicy.ANY_RATE;
  public int largestPayload = Integer.MAX_VALUE;
  public int largestPacket = 384 << 10;
  public Map<String, String> greetings = Map.of();
  public boolean cleanSession = true;
  public List<String> alpn = List.of();
  private final List<DeviceClient> clients = new ArrayList<>();

  public static Supplier<Credential> user(String name, String password) {
    return () -> new Credential(Optional.of(name), Optional.of(password));
  }

  /** A client that begins to connect. */
  public Mqtt5Client start(String url, String id) throws MqttException {
    return started(new Mqtt5Client(settings(url, id), credentials, meters));
  }

  /** One of MQTT 3.1.1 that begins to connect. */
  public Mqtt3Client start3(String url, String id) throws Exception {
    return started(new Mqtt3Client(settings(url, id), credentials, meters));
  }

  private <C extends DeviceClient> C started(C client) {
    clients.add(client);
    client.start();
    return client;
  }

  private ConnectionSettings settings(String url, String id) {
    BrokerUrl broker = BrokerUrl.parse("mqtt.url", url);
    ConnectionPolicy policy =
        new ConnectionPolicy(
            "mqtt",
            inFlight,
            publishesPerSecond,
            largestPayload,
            largestPacket,
            publishTimeout,
            keepAlive,
            reconnectMin,
            reconnectMax,
            greetings);
    return new ConnectionSettings(broker, id, tls, alpn, cleanSession, NAMES, policy);
  }

  public Mqtt5Client connected(String url, String id) throws Exception {
    Mqtt5Client client = start(url, id);
    assertThat(client.awaitConnected(Duration.ofSeconds(10)))
        .as("connected to %s: %s", url, client.lastError())
        .isTrue();
    return client;
  }

  public static MqttMessage message(String text, int qos) {
    MqttMessage message = new MqttMessage(text.getBytes());
    message.setQos(qos);
    return message;
  }

  /** A callback of messages alone. */
  public static MqttCallback callback(Subscriptions.Listener<MqttMessage> listener) {
    return new MqttCallback() {
      @Override
      public void messageArrived(String topic, MqttMessage message) throws Exception {
        listener.arrived(topic, message);
      }

      @Override
      public void disconnected(MqttDisconnectResponse response) {}

      @Override
      public void mqttErrorOccurred(MqttException exception) {}

      @Override
      public void deliveryComplete(IMqttToken token) {}

      @Override
      public void connectComplete(boolean reconnect, String serverUri) {}

      @Override
      public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    };
  }

  /** TLS out of PEM files, as the settings name them. */
  public static TlsFiles tls(String ca, String certificate, String key) {
    Properties properties = new Properties();
    properties.setProperty("mqtt.ca", ca);
    properties.setProperty("mqtt.certificate", certificate);
    properties.setProperty("mqtt.private-key", key);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return NAMES.tls(new Settings(context));
  }

  public static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("MQTT ") || name.startsWith("mqtt-"))
        .toList();
  }

  @Override
  public void close() {
    clients.forEach(DeviceClient::stop);
    await("no thread left")
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThat(threads()).isEmpty());
  }
}
