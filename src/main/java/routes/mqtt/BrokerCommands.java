package routes.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import routes.link.CommandTopics;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;

/**
 * Where a broker's commands arrive: the setting {@code commands}, a topic filter such as {@code
 * cmd/edge-1/+}, whose last level is the command's name. It is empty by default, because on a
 * broker without access control anyone may send commands.
 */
final class BrokerCommands {
  static final String KEY = "commands";
  private static final String END = "/+";

  /** Bytes that a topic may have (MQTT 5, 1.5.4). */
  private static final int LONGEST = 65_535;

  private BrokerCommands() {}

  /**
   * Reads the setting; empty if this gateway receives no commands.
   *
   * @param telemetry the topic of this device's samples
   * @throws SettingException if it is not the filter of commands
   */
  static Optional<CommandTopics> read(GatewaySettings settings, String telemetry) {
    return settings.find(KEY).map(filter -> parse(settings, filter, telemetry));
  }

  private static CommandTopics parse(GatewaySettings settings, String filter, String telemetry) {
    String prefix = filter.substring(0, Math.max(0, filter.length() - 1));
    // A quote or a brace would end the text in the precondition of the route file.
    boolean topic = prefix.matches("[^+#'{}$][^+#'{}]*") && filter.length() <= LONGEST - 256;
    if (!filter.endsWith(END) || !topic) {
      throw wrong(settings, filter, "is not a filter of commands; use cmd/{{device.id}}/+");
    }
    CommandTopics topics = new CommandTopics(settings.name(), prefix, BrokerCommands::fits);
    if (topics.matches(telemetry)) {
      throw wrong(
          settings, filter, "matches telemetry on " + telemetry + "; use cmd/{{device.id}}/+");
    }
    return topics;
  }

  private static boolean fits(String topic) {
    return topic.getBytes(StandardCharsets.UTF_8).length <= LONGEST;
  }

  private static SettingException wrong(GatewaySettings settings, String text, String problem) {
    return settings.wrong(KEY, "\"" + text + "\" " + problem);
  }
}
