package routes.sandbox.azure;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import routes.sandbox.Arrived;
import routes.sandbox.Connect;
import routes.sandbox.Will;

/** Why Azure IoT Hub refuses what a client does; empty if it does not. */
final class HubRules {
  private static final int LARGEST_MESSAGE = 256 << 10;
  private static final int MOST_SUBSCRIPTIONS = 5;

  private HubRules() {}

  /**
   * @param host the hub's name
   */
  static Optional<String> connect(String host, Connect connect, Map<String, AzureDevice> devices) {
    AzureUser user = AzureUser.of(connect.username().orElse(""));
    if (user == null || !user.host().equals(host)) {
      return Optional.of("the user name is not " + host + "/device/?api-version=...");
    }
    if (!user.id().equals(connect.clientId())) {
      return Optional.of("the client id does not match the user name's " + user.id());
    }
    AzureDevice device = devices.get(user.id());
    return device == null
        ? Optional.of(user.id() + " is not registered")
        : device.refusal(connect, host).or(() -> will(connect, device));
  }

  private static Optional<String> will(Connect connect, AzureDevice device) {
    return connect
        .will()
        .map(Will::message)
        .filter(will -> HubTopic.of(will.topic(), device).kind() != HubTopic.Kind.TELEMETRY)
        .map(will -> "a will that is not telemetry: " + will.topic());
  }

  static Optional<String> publish(AzureDevice device, Arrived message) {
    int size = message.payload().length + message.topic().getBytes(StandardCharsets.UTF_8).length;
    if (message.qos() == 2) {
      return Optional.of("a message with QoS 2");
    }
    if (size > LARGEST_MESSAGE) {
      return Optional.of("a message of more than 256 KB: " + size);
    }
    return HubTopic.of(message.topic(), device).kind() == HubTopic.Kind.UNKNOWN
        ? Optional.of("a message on an unknown topic: " + message.topic())
        : Optional.empty();
  }

  static Optional<String> subscribe(AzureDevice device, List<String> filters) {
    Set<String> all = new HashSet<>(device.connection.filters);
    all.addAll(filters);
    if (all.size() > MOST_SUBSCRIPTIONS) {
      return Optional.of("more than 5 subscriptions");
    }
    return filters.stream()
        .filter(filter -> !HubTopic.filters(device).contains(filter))
        .map(filter -> "an unknown filter: " + filter)
        .findFirst();
  }
}
