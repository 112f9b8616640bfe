package routes.link;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import routes.link.Arrivals.Listener;

/**
 * The subscribed topic filters and their listeners. Several listeners may share a filter.
 * Independent of any connection. Thread-safe.
 */
final class Subscriptions {
  private record Subscription(String filter, int qos, Listener listener) {}

  private final List<Subscription> all = new ArrayList<>();

  synchronized void add(List<String> filters, int qos, Listener listener) {
    filters.forEach(filter -> all.add(new Subscription(filter, qos, listener)));
  }

  /** Returns the filters that have no listener left. */
  synchronized Set<String> remove(Listener listener) {
    Set<String> unused =
        all.stream()
            .filter(subscription -> subscription.listener() == listener)
            .map(Subscription::filter)
            .collect(Collectors.toSet());
    all.removeIf(subscription -> subscription.listener() == listener);
    all.forEach(subscription -> unused.remove(subscription.filter()));
    return unused;
  }

  /** Each filter with its highest QoS. */
  synchronized Map<String, Integer> filters() {
    Map<String, Integer> filters = new LinkedHashMap<>();
    all.forEach(
        subscription -> filters.merge(subscription.filter(), subscription.qos(), Math::max));
    return filters;
  }

  /** Each listener once, however many of its filters match. */
  synchronized List<Listener> listeners(String topic) {
    return all.stream()
        .filter(subscription -> TopicFilter.matches(subscription.filter(), topic))
        .map(Subscription::listener)
        .distinct()
        .toList();
  }
}
