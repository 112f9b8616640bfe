package routes.link;

import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.paho.client.mqttv3.MqttPingSender;
import org.eclipse.paho.client.mqttv3.internal.ClientComms;

/** When Paho looks whether a ping is due. */
final class Mqtt3Pings implements MqttPingSender {
  private final KeepAlive keepAlive;
  private ClientComms comms;

  Mqtt3Pings(ScheduledExecutorService timer) {
    this.keepAlive = new KeepAlive(timer);
  }

  @Override
  public synchronized void init(ClientComms comms) {
    this.comms = comms;
  }

  @Override
  public synchronized void start() {
    // Keep-alive 0 turns it off (MQTT 3.1.1, 3.1.2.10).
    if (comms.getKeepAlive() > 0) {
      schedule(comms.getKeepAlive());
    }
  }

  @Override
  public synchronized void schedule(long millis) {
    keepAlive.schedule(comms::checkForActivity, millis);
  }

  @Override
  public void stop() {
    keepAlive.stop();
  }
}
