package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import routes.Certificates;

/**
 * Plain Paho clients over TLS, without code of the runtime, closed together. Not for a broker that
 * closes before CONNECT, because Paho then leaks a thread.
 */
final class PlainClients implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);
  private static final char[] NO_PASSWORD = {};

  private final int port;
  private final Certificates certificates;
  private final List<AutoCloseable> open = new ArrayList<>();

  PlainClients(int port, Certificates certificates) {
    this.port = port;
    this.certificates = certificates;
  }

  /** Connects an MQTT 5 client. */
  MqttClient five(String id, Certificates.Identity identity) throws Exception {
    MqttClient client = new MqttClient(url(), id, new MemoryPersistence());
    client.setTimeToWait(10_000);
    open.add(() -> client.disconnectForcibly(0, 0, false));
    client.connect(options(identity));
    return client;
  }

  MqttConnectionOptions options(Certificates.Identity identity) {
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setSocketFactory(tls(identity).getSocketFactory());
    options.setConnectionTimeout(10);
    return options;
  }

  String url() {
    return "ssl://localhost:" + port;
  }

  /** Connects an MQTT 3.1.1 client. */
  org.eclipse.paho.client.mqttv3.MqttClient three(
      String id, Certificates.Identity identity, int keepAlive) throws Exception {
    org.eclipse.paho.client.mqttv3.MqttClient client =
        new org.eclipse.paho.client.mqttv3.MqttClient(
            url(), id, new org.eclipse.paho.client.mqttv3.persist.MemoryPersistence());
    client.setTimeToWait(10_000);
    open.add(() -> client.disconnectForcibly(0, 0, false));
    MqttConnectOptions options = new MqttConnectOptions();
    options.setSocketFactory(tls(identity).getSocketFactory());
    options.setConnectionTimeout(10);
    options.setKeepAliveInterval(keepAlive);
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    client.connect(options);
    return client;
  }

  /** TLS that trusts the CA and sends a certificate, or none if null. */
  SSLContext tls(Certificates.Identity identity) {
    if (identity != null) {
      return certificates.serverContext(identity);
    }
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", certificates.ca().certificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManagerFactory none =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      none.init(null, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(none.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Subscribes, and collects messages as "topic text". */
  static List<String> collect(MqttClient client, String... filters) throws MqttException {
    List<String> received = new CopyOnWriteArrayList<>();
    client.setCallback(
        new SilentCallback() {
          @Override
          public void messageArrived(String topic, MqttMessage message) {
            received.add(topic + " " + new String(message.getPayload()));
          }
        });
    for (String filter : filters) {
      client.subscribe(filter, 1);
    }
    return received;
  }

  /** Publishes with QoS 1. */
  static void publish(MqttClient client, String topic, String text) throws MqttException {
    client.publish(topic, text.getBytes(), 1, false);
  }

  static void assertCut(MqttClient client) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(client.isConnected()).as("connected").isFalse());
  }

  /** Paho's threads that still run. */
  static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("MQTT "))
        .toList();
  }

  @Override
  public void close() {
    for (AutoCloseable client : open) {
      try {
        client.close();
      } catch (Exception e) {
        // It never connected or was disconnected.
      }
    }
  }
}
