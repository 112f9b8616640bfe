package routes.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import routes.Mosquitto;
import routes.sandbox.FaultProxy;

/**
 * A real broker and a subscriber of it. With QoS 0 and no queue the subscriber has a message before
 * its PUBACK goes out, so that what it got is what the broker has answered for.
 */
final class MosquittoCloud implements Cloud {
  private final Mosquitto mosquitto;
  private final FaultProxy link;
  private final Landings landings = new Landings();
  private MqttClient subscriber;

  MosquittoCloud() throws Exception {
    mosquitto = new Mosquitto().open().start("persistence false", "max_queued_messages 0");
    link = new FaultProxy(mosquitto.port());
    subscribe();
  }

  private void subscribe() throws MqttException {
    subscriber = new MqttClient(url(), "subscriber", new MemoryPersistence());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setKeepAliveInterval(300); // a frozen broker must not cost the subscriber
    subscriber.connect(options);
    subscriber.subscribe(
        new MqttSubscription[] {new MqttSubscription("devices/+/metrics", 0)},
        new IMqttMessageListener[] {
          (topic, message) ->
              landings.arrived(new String(message.getPayload(), StandardCharsets.UTF_8))
        });
  }

  /** Past the proxy. */
  String url() {
    return "tcp://127.0.0.1:" + mosquitto.port();
  }

  Mosquitto mosquitto() {
    return mosquitto;
  }

  /**
   * Starts it again after a kill, without its sessions; nobody else gets in before the subscriber.
   */
  void restart() throws MqttException {
    mosquitto.restart();
    subscriber.close(true);
    Rig.until("mosquitto's subscriber", this::subscribed);
  }

  private boolean subscribed() {
    try {
      subscribe();
      return true;
    } catch (MqttException e) {
      return false;
    }
  }

  @Override
  public String gateway() {
    return "mqtt";
  }

  @Override
  public FaultProxy link() {
    return link;
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("MQTT_URL", "tcp://127.0.0.1:" + link.port());
  }

  @Override
  public Landings landings() {
    return landings;
  }

  @Override
  public Landings kept() {
    return landings;
  }

  @Override
  public void close() {
    try {
      mosquitto.thawIfFrozen();
      subscriber.disconnectForcibly(0, 100);
      subscriber.close(true);
    } catch (MqttException e) {
      // it is to end anyway
    }
    link.close();
    try {
      mosquitto.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
