package routes.aws;

import java.nio.charset.StandardCharsets;

/**
 * The topics of one thing at AWS IoT Core: commands, and its classic shadow.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-mqtt.html">Device
 *     Shadow MQTT topics</a>
 */
record AwsTopics(String thing) {
  private static final int LONGEST = 256;
  private static final int MOST_SLASHES = 7;

  /** Whether a topic, without the prefix of Basic Ingest, keeps to the quotas. */
  static boolean fits(String topic) {
    return !topic.isEmpty()
        && topic.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && topic.chars().filter(c -> c == '/').count() <= MOST_SLASHES;
  }

  /** Straight to a rule: Basic Ingest. */
  static String ingest(String rule, String topic) {
    return "$aws/rules/" + rule + "/" + topic;
  }

  /** What the topic of each command begins with. */
  String commands() {
    return "cmd/" + thing + "/";
  }

  private String shadow(String operation) {
    return "$aws/things/" + thing + "/shadow/" + operation;
  }

  /** Takes reported state. */
  String update() {
    return shadow("update");
  }

  /** The answer when an update is refused. */
  String rejected() {
    return shadow("update/rejected");
  }

  /** What is desired and not reported, after each change. */
  String delta() {
    return shadow("update/delta");
  }

  /** An empty message here asks for the whole document. */
  String get() {
    return shadow("get");
  }

  /** The whole document, on request. */
  String got() {
    return shadow("get/accepted");
  }

  /** The filters of what the cloud sends, with blanks between. */
  String filters() {
    return String.join(" ", commands() + "+", delta(), rejected(), got());
  }
}
