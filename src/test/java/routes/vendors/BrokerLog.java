package routes.vendors;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A broker's log: that of Mosquitto with {@code log_type all}, or another with the same wording.
 */
final class BrokerLog {
  private static final Pattern RECEIVED =
      Pattern.compile("Received PUBLISH from edge-1 \\(.*m(\\d+), '(\\S+)'");

  /** Accepted; 16 means without a subscriber. */
  private static final Pattern ACKNOWLEDGED =
      Pattern.compile(
          "Sending PUBACK to edge-1 \\(m(\\d+), rc(0|16|SUCCESS|NO_MATCHING_SUBSCRIBERS)\\)");

  private BrokerLog() {}

  /**
   * The messages that it received from the gateway and acknowledged.
   *
   * @param prefix of the counted topics, which end in a number
   */
  static BitSet acknowledged(String log, String prefix) {
    BitSet acknowledged = new BitSet();
    Map<String, String> topics = new HashMap<>();
    for (String line : log.split("\n")) {
      Matcher received = RECEIVED.matcher(line);
      Matcher answer = ACKNOWLEDGED.matcher(line);
      if (received.find()) {
        topics.put(received.group(1), received.group(2));
      } else if (answer.find()) {
        String topic = topics.getOrDefault(answer.group(1), "");
        if (topic.startsWith(prefix)) {
          acknowledged.set(Integer.parseInt(topic.substring(prefix.length())));
        }
      }
    }
    return acknowledged;
  }
}
