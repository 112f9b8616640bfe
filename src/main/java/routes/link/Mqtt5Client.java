package routes.link;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import routes.uplink.Uplink;

/** The client of {@code paho-mqtt5:} endpoints: MQTT 5. */
public final class Mqtt5Client extends MqttClient implements DeviceClient {
  /** Held, or the log manager forgets the level: Paho prints stack traces of its own. */
  private static final Logger PAHO = Logger.getLogger("org.eclipse.paho.mqttv5");

  static {
    PAHO.setLevel(Level.OFF);
  }

  private final DeviceConnection<MqttMessage> connection;
  private final ScheduledThreadPoolExecutor pings;
  private volatile MqttCallback callback;

  /**
   * @param credentials asked before each CONNECT
   */
  public Mqtt5Client(
      ConnectionSettings settings, Supplier<Credential> credentials, MeterRegistry registry)
      throws MqttException {
    super(settings.url().toString(), settings.clientId(), new MemoryPersistence());
    pings = Threads.timer(settings.policy().name() + "-pings");
    connection =
        new DeviceConnection<>(
            settings,
            credentials,
            events -> new Mqtt5Link(settings, new Mqtt5Pings(pings), events),
            registry);
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

  /**
   * Every other form of subscribe comes here. QoS 2 becomes 1: without a session that outlives the
   * connection it promises no more, and Paho keeps every QoS 2 message it has received.
   */
  @Override
  public IMqttToken subscribe(MqttSubscription[] wanted, IMqttMessageListener[] listeners)
      throws MqttException {
    try {
      for (int i = 0; i < wanted.length; i++) {
        IMqttMessageListener own = listeners == null ? null : listeners[i];
        MqttCallback common = callback;
        connection.subscribe(
            wanted[i].getTopic(),
            Math.min(wanted[i].getQos(), 1),
            (topic, message) -> {
              if (own != null) {
                own.messageArrived(topic, message);
              } else if (common != null) {
                common.messageArrived(topic, message);
              }
            });
      }
      return new Mqtt5DoneToken();
    } catch (Failure e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
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
    return new Mqtt5Exception(e.getMessage(), e);
  }

  private static MqttException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new Mqtt5Exception("interrupted while waiting for the broker", e);
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
  public void connect(MqttConnectionOptions options) {
    start();
  }

  @Override
  public IMqttToken connectWithResult(MqttConnectionOptions options) {
    start();
    return new Mqtt5DoneToken();
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

  @Override
  public Uplink connection() {
    return connection;
  }
}
