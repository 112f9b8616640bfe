package routes.mqtt;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttPingSender;
import org.eclipse.paho.client.mqttv3.internal.ClientComms;

/** Keep-alive on a shared daemon thread instead of Paho's timer, a new thread each connection. */
final class Mqtt3Pings implements MqttPingSender {
  private final ScheduledExecutorService timer;
  private ClientComms comms;
  private ScheduledFuture<?> next;
  private boolean stopped;

  Mqtt3Pings(ScheduledExecutorService timer) {
    this.timer = timer;
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
    if (!stopped) {
      try {
        next = timer.schedule(() -> comms.checkForActivity(), millis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // Stopped.
      }
    }
  }

  @Override
  public synchronized void stop() {
    stopped = true;
    if (next != null) {
      next.cancel(false);
    }
  }
}
