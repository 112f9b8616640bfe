package routes.link;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The topic filters a device wants messages of, and who gets them; outlives every connection.
 *
 * @param <M> the library's message
 */
final class Subscriptions<M> {
  /** Who gets the messages of a filter. */
  @FunctionalInterface
  interface Listener<M> {
    void arrived(String topic, M message) throws Exception;
  }

  record Subscription<M>(String filter, int qos, Listener<M> listener) {}

  private final Map<String, Subscription<M>> byFilter = new LinkedHashMap<>();

  synchronized void add(Subscription<M> subscription) {
    byFilter.put(subscription.filter(), subscription);
  }

  synchronized void remove(String filter) {
    byFilter.remove(filter);
  }

  synchronized List<Subscription<M>> all() {
    return List.copyOf(byFilter.values());
  }

  /** Each listener once, however many of its filters match. */
  List<Listener<M>> listeners(String topic) {
    List<Listener<M>> listeners = new ArrayList<>();
    for (Subscription<M> subscription : all()) {
      if (matches(subscription.filter(), topic) && !listeners.contains(subscription.listener())) {
        listeners.add(subscription.listener());
      }
    }
    return listeners;
  }

  /** Topic filters with + and # (MQTT 5, 4.7.1), without the prefix of a shared one (4.8.2). */
  static boolean matches(String filter, String topic) {
    String[] wanted =
        (filter.startsWith("$share/") ? filter.split("/", 3)[2] : filter).split("/", -1);
    String[] levels = topic.split("/", -1);
    if (topic.startsWith("$") && (wanted[0].equals("#") || wanted[0].equals("+"))) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return true;
      }
      if (i >= levels.length || !(wanted[i].equals("+") || wanted[i].equals(levels[i]))) {
        return false;
      }
    }
    return wanted.length == levels.length;
  }
}
