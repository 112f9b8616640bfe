package routes.sandbox.google;

import java.security.PublicKey;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import routes.sandbox.Connect;
import routes.sandbox.TopicFilter;

/**
 * A device in the registry, and its connection. Used on the broker's thread only, except for its
 * state.
 */
final class IotCoreDevice {
  final String id;

  /** The server's name for it; globally unique. */
  final String number;

  final List<PublicKey> keys;

  /** Its first version is empty. */
  byte[] config = {};

  /** The newest that it sent. */
  volatile byte[] state = {};

  /** When its newest token expires. */
  Instant end;

  private Connect connection;
  private ScheduledFuture<?> expiry;
  private final Set<String> filters = new HashSet<>();
  private long lastState;
  private boolean stated;

  IotCoreDevice(String id, String number, List<PublicKey> keys) {
    this.id = id;
    this.number = number;
    this.keys = keys;
  }

  String topic(String below) {
    return "/devices/" + id + "/" + below;
  }

  void opened(Connect connect, ScheduledFuture<?> expires) {
    if (connection != null) {
      closed(connection);
    }
    connection = connect;
    expiry = expires;
  }

  /** Does nothing for a connection that another one has replaced. */
  void closed(Connect connect) {
    if (connection == connect) {
      connection = null;
      filters.clear();
      expiry.cancel(false);
    }
  }

  void subscribed(String filter) {
    filters.add(filter);
  }

  void unsubscribed(String filter) {
    filters.remove(filter);
  }

  boolean hears(String topic) {
    return filters.stream().anyMatch(filter -> TopicFilter.matches(filter, topic));
  }

  /** Whether a state arrives too soon after the previous one. If not, records it as the newest. */
  boolean hurries(long leastNanos) {
    long now = System.nanoTime();
    if (stated && now - lastState < leastNanos) {
      return true;
    }
    stated = true;
    lastState = now;
    return false;
  }
}
