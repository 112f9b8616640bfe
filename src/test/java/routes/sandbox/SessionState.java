package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;

/**
 * What a broker keeps for a client, even while it is disconnected (MQTT 5, 4.1): its subscriptions
 * and the QoS 1 messages that it has not acknowledged. Used on the broker's thread only.
 */
final class SessionState {
  private static final int MOST_STORED = 1_000;
  private static final int LARGEST_ID = 65_535;

  final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  final Set<Integer> halfReceived = new HashSet<>();

  /** Null while the client is disconnected; read by other threads. */
  volatile SandboxSession connection;

  /**
   * The task that ends the state of a disconnected client or sends its delayed will; otherwise
   * null.
   */
  ScheduledFuture<?> end;

  ScheduledFuture<?> will;

  private final SandboxBroker broker;
  private final Queue<Delivery> waiting = new ArrayDeque<>();
  private final Map<Integer, Delivery> unacknowledged = new LinkedHashMap<>();
  private Connect client;
  private int lastId;

  SessionState(SandboxBroker broker) {
    this.broker = broker;
  }

  void attach(SandboxSession to, Connect as) {
    connection = to;
    client = as;
    for (ScheduledFuture<?> timer : new ScheduledFuture<?>[] {end, will}) {
      if (timer != null) {
        timer.cancel(false);
      }
    }
  }

  /**
   * Resends messages that were not acknowledged on an earlier connection, then the waiting ones.
   */
  void resume() {
    unacknowledged.values().removeIf(delivery -> !connection.accepts(delivery));
    unacknowledged.forEach((id, delivery) -> connection.send(delivery.packet(id, true)));
    sendWaiting();
  }

  /** Sends a message once if subscriptions match, with the highest QoS (MQTT 5, 3.3.4). */
  void offer(Arrived message) {
    int granted = -1;
    boolean retain = false;
    List<Integer> identifiers = new ArrayList<>(0);
    for (Subscription each : subscriptions.values()) {
      boolean own = each.noLocal() && message.clientId().equals(client.clientId());
      if (!each.shared() && !own && broker.matches(each.filter(), message.topic())) {
        granted = Math.max(granted, each.qos());
        retain |= each.retainAsPublished() && message.retain();
        if (each.identifier() > 0) {
          identifiers.add(each.identifier());
        }
      }
    }
    if (granted >= 0) {
      send(message, granted, retain, identifiers);
    }
  }

  /** Sends a message of a group to this client. */
  void offerShared(Arrived message, Subscription as) {
    send(message, as.qos(), as.retainAsPublished() && message.retain(), identifiers(as));
  }

  /**
   * Sends a retained message after a SUBSCRIBE (MQTT 5, 3.3.1.3).
   *
   * @param fresh whether the subscription is new
   */
  void offerRetained(Arrived message, Subscription as, boolean fresh) {
    boolean wanted =
        as.retained() == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE
            || fresh && as.retained() == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS;
    if (wanted && broker.sendsRetained(as.filter(), message.topic())) {
      send(message, as.qos(), true, identifiers(as));
    }
  }

  private static List<Integer> identifiers(Subscription subscription) {
    return subscription.identifier() > 0 ? List.of(subscription.identifier()) : List.of();
  }

  private void send(Arrived message, int granted, boolean retain, List<Integer> identifiers) {
    if (!broker.mayReceive(client, message.topic())) {
      return;
    }
    int qos = Math.min(granted, message.qos());
    Delivery delivery = new Delivery(message, qos, retain, identifiers, System.nanoTime());
    if (qos == 0) {
      if (connection != null && connection.accepts(delivery)) {
        connection.send(delivery.packet(0, false));
      }
    } else if (connection == null && waiting.size() >= MOST_STORED) {
      broker.refused(
          "a message to " + client.clientId() + ", which already has " + MOST_STORED + " waiting");
    } else {
      waiting.add(delivery);
      sendWaiting();
    }
  }

  /** Sends at most the client's Receive Maximum at once (MQTT 5, 4.9). */
  private void sendWaiting() {
    while (connection != null
        && !waiting.isEmpty()
        && unacknowledged.size() < connection.receiveMaximum()) {
      Delivery next = waiting.remove();
      if (!next.expired() && connection.accepts(next)) {
        int id = nextId();
        unacknowledged.put(id, next);
        connection.send(next.packet(id, false));
      }
    }
  }

  void acknowledged(int id) {
    unacknowledged.remove(id);
    sendWaiting();
  }

  private int nextId() {
    do {
      lastId = lastId % LARGEST_ID + 1;
    } while (unacknowledged.containsKey(lastId));
    return lastId;
  }
}
