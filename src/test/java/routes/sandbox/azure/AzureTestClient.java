package routes.sandbox.azure;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import routes.Certificates;

/** A plain Paho client of MQTT 3.1.1 that tests control. */
final class AzureTestClient implements AutoCloseable {
  /** A base64 key. */
  static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

  private final MqttClient client;
  private final MqttConnectOptions options = new MqttConnectOptions();
  final List<String> received = new CopyOnWriteArrayList<>();

  AzureTestClient(String url, String clientId) throws MqttException {
    client = new MqttClient(url, clientId, new MemoryPersistence());
    client.setTimeToWait(5_000);
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    options.setConnectionTimeout(5);
    options.setCleanSession(false);
  }

  AzureTestClient user(String user, String password) {
    options.setUserName(user);
    if (password != null) {
      options.setPassword(password.toCharArray());
    }
    return this;
  }

  AzureTestClient version(int version) {
    options.setMqttVersion(version);
    return this;
  }

  AzureTestClient tls(SSLContext tls) {
    options.setSocketFactory(tls.getSocketFactory());
    return this;
  }

  AzureTestClient connect() throws MqttException {
    client.connect(options);
    return this;
  }

  AzureTestClient will(String topic, String text) {
    options.setWill(topic, text.getBytes(StandardCharsets.UTF_8), 1, false);
    return this;
  }

  AzureTestClient subscribe(String... filters) throws MqttException {
    int[] qos = new int[filters.length];
    Arrays.fill(qos, 1);
    listen();
    client.subscribe(filters, qos);
    return this;
  }

  /** Stores messages as "topic body". */
  AzureTestClient listen() {
    client.setCallback(
        new MqttCallback() {
          @Override
          public void connectionLost(Throwable cause) {}

          @Override
          public void messageArrived(String topic, MqttMessage message) {
            received.add(topic + " " + message);
          }

          @Override
          public void deliveryComplete(IMqttDeliveryToken token) {}
        });
    return this;
  }

  void publish(String topic, String text, int qos, boolean retain) throws MqttException {
    client.publish(topic, text.getBytes(StandardCharsets.UTF_8), qos, retain);
  }

  void publish(String topic, byte[] payload) throws MqttException {
    client.publish(topic, payload, 1, false);
  }

  void publish(String topic, String text) throws MqttException {
    publish(topic, text, 1, false);
  }

  MqttClient paho() {
    return client;
  }

  @Override
  public void close() throws MqttException {
    if (client.isConnected()) {
      client.disconnect(0);
    }
    client.close(true);
  }

  /** Signs the value that is sent as sr. */
  static String token(String sr, String key, Instant expiry) throws Exception {
    String se = Long.toString(expiry.getEpochSecond());
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
    byte[] signature = mac.doFinal((sr + "\n" + se).getBytes(StandardCharsets.UTF_8));
    String sig = Base64.getEncoder().encodeToString(signature);
    return "SharedAccessSignature sr="
        + sr
        + "&sig="
        + URLEncoder.encode(sig, StandardCharsets.UTF_8)
        + "&se="
        + se;
  }

  /** Trusts a CA's PEM file, and sends a certificate unless it is null. */
  static SSLContext trusting(Path ca, Certificates.Identity identity) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var in = Files.newInputStream(ca)) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    if (identity != null) {
      Certificate[] chain = {identity.certificate()};
      own.setKeyEntry("device", identity.keys().getPrivate(), new char[0], chain);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
