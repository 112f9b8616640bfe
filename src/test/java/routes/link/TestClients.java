package routes.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.camel.impl.DefaultCamelContext;
import routes.settings.Settings;
import routes.tls.TlsFiles;
import routes.uplink.ElasticPool;
import routes.uplink.Lease;

/** Creates clients for tests, stops them, and checks that they leave nothing behind. */
public final class TestClients implements AutoCloseable {
  static {
    ResourceLeakDetector.setLevel(
        ResourceLeakDetector.Level.valueOf(System.getProperty("leaks", "PARANOID")));
  }

  public final MeterRegistry meters = new SimpleMeterRegistry();
  public static final SettingNames NAMES =
      new SettingNames(
          "mqtt.ca",
          "mqtt.certificate",
          "mqtt.private-key",
          "mqtt.username, mqtt.password",
          "mqtt.client-id",
          "mqtt.url",
          "mqtt.topic");

  public Supplier<Credential> credentials = () -> Credential.NONE;
  public TlsFiles tls;
  public Duration publishTimeout = Duration.ofSeconds(10);
  public Duration reconnectMin = Duration.ofMillis(20);
  public Duration reconnectMax = Duration.ofMillis(300);
  public Duration keepAlive = Duration.ofSeconds(10);
  public int inFlight = 64;
  public int publishesPerSecond = ConnectionPolicy.ANY_RATE;
  public int largestPayload = Integer.MAX_VALUE;
  public int largestPacket = 384 << 10;
  public Map<String, String> greetings = Map.of();
  public Optional<Proxy> proxy = Optional.empty();
  public boolean cleanSession = true;
  public List<String> alpn = List.of();
  private final List<TestClient> clients = new ArrayList<>();

  public static Supplier<Credential> user(String name, String password) {
    return () -> new Credential(Optional.of(name), Optional.of(password));
  }

  /** Starts an MQTT 5 client. */
  public TestClient start(String url, String id) {
    return start(url, id, MqttVersion.V5);
  }

  /** Starts an MQTT 3.1.1 client. */
  public TestClient start3(String url, String id) {
    return start(url, id, MqttVersion.V3_1_1);
  }

  /** Starts a client of MQTT 5, or of 3.1.1 if the number is 3. */
  public TestClient start(int version, String url, String id) {
    return start(url, id, version == 3 ? MqttVersion.V3_1_1 : MqttVersion.V5);
  }

  public TestClient start(String url, String id, MqttVersion version) {
    ElasticPool pool = new ElasticPool("gateway-mqtt", 64);
    MqttLink link = new MqttLink(settings(url, id, version), credentials, pool);
    TestClient client = new TestClient(link, pool);
    clients.add(client);
    link.start(meters, Lease.ALWAYS);
    return client;
  }

  private ConnectionSettings settings(String url, String id, MqttVersion version) {
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
            greetings,
            proxy);
    return new ConnectionSettings(broker, id, tls, alpn, cleanSession, version, NAMES, policy);
  }

  public TestClient connected(String url, String id) throws Exception {
    TestClient client = start(url, id);
    assertThat(client.awaitConnected(Duration.ofSeconds(10)))
        .as("connected to %s: %s", url, client.lastError())
        .isTrue();
    return client;
  }

  public static MqttMessage message(String text, int qos) {
    return new MqttMessage(null, text.getBytes(), qos, false, MqttMessage.Properties.NONE);
  }

  public static MqttMessage message(byte[] payload) {
    return new MqttMessage(null, payload);
  }

  public static String text(MqttMessage message) {
    return new String(message.payload(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /** TLS from PEM files, as the settings name them. */
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
        .filter(name -> name.startsWith("gateway-mqtt"))
        .toList();
  }

  @Override
  public void close() {
    clients.forEach(TestClient::stop);
    await("no thread left")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(threads()).isEmpty());
  }
}
