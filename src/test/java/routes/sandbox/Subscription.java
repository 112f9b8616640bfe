package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;

/**
 * A subscription with the options of MQTT 5 (3.8.3.1).
 *
 * @param group whose members share the messages (MQTT 5, 4.8.2); empty for one of the client's own
 * @param filter without the group
 * @param identifier sent along with each message (MQTT 5, 3.8.2.1.2); 0 for none
 */
record Subscription(
    String group,
    String filter,
    int qos,
    boolean noLocal,
    boolean retainAsPublished,
    RetainedHandlingPolicy retained,
    int identifier) {
  private static final String SHARE = "$share/";

  static Subscription of(String filter, int granted, MqttSubscriptionOption options, int id) {
    boolean shared = filter.startsWith(SHARE);
    int end = shared ? filter.indexOf('/', SHARE.length()) : 0;
    return new Subscription(
        shared ? filter.substring(SHARE.length(), end) : "",
        shared ? filter.substring(end + 1) : filter,
        granted,
        options.isNoLocal(),
        options.isRetainAsPublished(),
        options.retainHandling(),
        id);
  }

  /** Whether the filter is one of a group but lacks its name or the filter proper. */
  static boolean malformed(String filter) {
    return filter.startsWith(SHARE) && !filter.matches("\\$share/[^/+#]+/.+");
  }

  boolean shared() {
    return !group.isEmpty();
  }
}
