package routes.mqtt;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Hands messages that arrive to their listeners, in order, on a thread of its own: a listener that
 * takes its time doesn't hold up the PUBACKs of what goes out.
 *
 * <p>QoS 1 messages are acknowledged after their listeners have returned; the broker sends no more
 * than the Receive Maximum before that. QoS 0 messages beyond {@value #ROOM} waiting ones are
 * dropped.
 */
final class Inbound<M> {
  /**
   * Messages from the broker that may wait here: the client's Receive Maximum (MQTT 5, 3.1.2.11).
   */
  static final int ROOM = 64;

  private final Subscriptions<M> subscriptions;
  private final Logger log;
  private final ThreadPoolExecutor thread;

  Inbound(String name, Subscriptions<M> subscriptions, Logger log) {
    this.subscriptions = subscriptions;
    this.log = log;
    this.thread =
        new ThreadPoolExecutor(
            1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Threads.named(name));
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * @param acknowledge called when the listeners have returned
   */
  void arrived(String topic, M message, int qos, Runnable acknowledge) {
    if (thread.isShutdown() || qos == 0 && thread.getQueue().size() >= ROOM) {
      return;
    }
    thread.execute(
        () -> {
          for (Subscriptions.Listener<M> listener : subscriptions.listeners(topic)) {
            try {
              listener.arrived(topic, message);
            } catch (Exception e) {
              log.warn("a message on {} failed: {}", topic, e.toString());
            }
          }
          acknowledge.run();
        });
  }

  void stop() {
    thread.shutdownNow();
  }
}
