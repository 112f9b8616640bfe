package routes.sandbox.aws;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A topic as AWS IoT Core reads it.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html">Reserved
 *     topics</a>
 */
final class AwsTopicName {
  private static final int LONGEST = 256;
  private static final int MOST_SLASHES = 7;
  private static final Pattern INGEST = Pattern.compile("\\$aws/rules/([^/]+)/(.+)");
  private static final Pattern SHADOW =
      Pattern.compile("\\$aws/things/([^/]+)/shadow/(update|get)");

  private AwsTopicName() {}

  /** Basic Ingest: the rule's name, then the topic that the rule sees. */
  static Optional<Matcher> ingest(String topic) {
    return match(INGEST, topic);
  }

  /** A request to a classic shadow: the thing's name, then the operation. */
  static Optional<Matcher> shadow(String topic) {
    return match(SHADOW, topic);
  }

  private static Optional<Matcher> match(Pattern pattern, String topic) {
    return Optional.of(pattern.matcher(topic)).filter(Matcher::matches);
  }

  /** Topics that begin with $ are AWS's own; clients publish to these two kinds alone. */
  static boolean mayBePublished(String topic) {
    return !topic.startsWith("$") || ingest(topic).isPresent() || shadow(topic).isPresent();
  }

  /** The quotas of a topic or filter, to which the prefix of Basic Ingest doesn't count. */
  static boolean fits(String topic) {
    String counted = ingest(topic).map(found -> found.group(2)).orElse(topic);
    return counted.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && counted.chars().filter(c -> c == '/').count() <= MOST_SLASHES;
  }
}
