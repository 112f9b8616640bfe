package routes.aws;

import java.nio.charset.StandardCharsets;

/** What AWS IoT Core takes for a topic's name. */
final class AwsTopic {
  private static final int LONGEST = 256;
  private static final int MOST_SLASHES = 7;

  private AwsTopic() {}

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
}
