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

  /** Whether a topic, without the prefix of Basic Ingest, is within the quotas. */
  static boolean fits(String topic) {
    return !topic.isEmpty()
        && topic.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && topic.chars().filter(c -> c == '/').count() <= MOST_SLASHES;
  }

  /** The topic that leads directly to a rule: Basic Ingest. */
  static String ingest(String rule, String topic) {
    return "$aws/rules/" + rule + "/" + topic;
  }

  /** The start of each command's topic. */
  String commands() {
    return "cmd/" + thing + "/";
  }

  private String shadow(String operation) {
    return "$aws/things/" + thing + "/shadow/" + operation;
  }

  /** Where reported state goes. */
  String update() {
    return shadow("update");
  }

  /** The answer to a refused update. */
  String rejected() {
    return shadow("update/rejected");
  }

  /** What is desired but not reported, after each change. */
  String delta() {
    return shadow("update/delta");
  }

  /** Where an empty message requests the whole document. */
  String get() {
    return shadow("get");
  }

  /** The whole document, on request. */
  String got() {
    return shadow("get/accepted");
  }

  /** The filters of messages from the cloud, separated by blanks. */
  String filters() {
    return String.join(" ", commands() + "+", delta(), rejected(), got());
  }
}
