package routes.link;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import routes.uplink.Uplink;

/** The client of {@code paho:} endpoints: MQTT 3.1.1. */
public final class Mqtt3Client extends MqttClient implements DeviceClient {
  /** Held, or the log manager forgets the level: Paho prints stack traces of its own. */
  private static final Logger PAHO = Logger.getLogger("org.eclipse.paho.client.mqttv3");

  static {
    PAHO.setLevel(Level.OFF);
  }

  private final DeviceConnection<MqttMessage> connection;
  private final ScheduledThreadPoolExecutor pings;
  private volatile MqttCallback callback;

  /**
   * @param credentials asked before each CONNECT
   */
  public Mqtt3Client(
      ConnectionSettings settings, Supplier<Credential> credentials, MeterRegistry registry)
      throws MqttException {
    super(settings.url().toString(), settings.clientId(), new MemoryPersistence());
    pings = Threads.timer(settings.policy().name() + "-pings");
    connection =
        new DeviceConnection<>(
            settings,
            credentials,
            events -> new Mqtt3Link(settings, new Mqtt3Pings(pings), events),
            registry);
  }

  @Override
  public Uplink connection() {
    return connection;
  }

  /** Begins to connect; returns at once. */
  @Override
  public void start() {
    connection.start();
  }

  /** Disconnects for good. */
  @Override
  public void stop() {
    connection.stop();
    pings.shutdownNow();
  }

  @Override
  public void publish(String topic, MqttMessage message) throws MqttException {
    try {
      connection.publish(topic, message);
    } catch (Failure e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Every form of subscribe but one comes here. */
  @Override
  public void subscribe(String[] filters, int[] qos, IMqttMessageListener[] listeners)
      throws MqttException {
    try {
      for (int i = 0; i < filters.length; i++) {
        IMqttMessageListener own = listeners == null ? null : listeners[i];
        MqttCallback common = callback;
        connection.subscribe(
            filters[i],
            Math.min(qos[i], 1),
            (topic, message) -> {
              if (own != null) {
                own.messageArrived(topic, message);
              } else if (common != null) {
                common.messageArrived(topic, message);
              }
            });
      }
    } catch (Failure e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Paho's form without listeners, which asks the broker for itself. */
  @Override
  public void subscribe(String[] filters, int[] qos) throws MqttException {
    subscribe(filters, qos, null);
  }

  @Override
  public IMqttToken subscribeWithResponse(
      String[] filters, int[] qos, IMqttMessageListener[] listeners) throws MqttException {
    subscribe(filters, qos, listeners);
    return new Mqtt3DoneToken();
  }

  @Override
  public IMqttToken subscribeWithResponse(String[] filters, int[] qos) throws MqttException {
    subscribe(filters, qos, null);
    return new Mqtt3DoneToken();
  }

  @Override
  public void unsubscribe(String[] filters) throws MqttException {
    try {
      for (String filter : filters) {
        connection.unsubscribe(filter);
      }
    } catch (Failure e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static MqttException failed(Failure e) {
    return new Mqtt3Exception(e.getMessage(), e);
  }

  private static MqttException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new Mqtt3Exception("interrupted while waiting for the broker", e);
  }

  /** Takes effect for subscriptions made after it. */
  @Override
  public void setCallback(MqttCallback callback) {
    this.callback = callback;
  }

  @Override
  public boolean isConnected() {
    return connection.connected();
  }

  @Override
  public String getCurrentServerURI() {
    return getServerURI();
  }

  @Override
  public void connect() {
    start();
  }

  @Override
  public void connect(MqttConnectOptions options) {
    start();
  }

  @Override
  public IMqttToken connectWithResult(MqttConnectOptions options) {
    start();
    return new Mqtt3DoneToken();
  }

  @Override
  public void reconnect() {
    start();
  }

  /** Does nothing: the connection is shared and ends with {@link #stop()}. */
  @Override
  public void disconnect() {}

  @Override
  public void close(boolean force) {
    stop();
  }

  @Override
  public void close() {
    stop();
  }

  /** Does nothing: a message is acknowledged when its callback has returned. */
  @Override
  public void setManualAcks(boolean manualAcks) {}

  @Override
  public void messageArrivedComplete(int messageId, int qos) {}
}
