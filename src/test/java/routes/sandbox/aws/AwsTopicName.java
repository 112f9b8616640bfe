package routes.sandbox.aws;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.sandbox.TopicFilter;

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
      Pattern.compile(
          "\\$aws/things/([^/]+)/shadow/(?:name/([$a-zA-Z0-9:_-]{1,64})/)?(update|get|delete)");
  private static final Pattern JOBS =
      Pattern.compile("\\$aws/things/[^/]+/jobs/(?:(get|start-next)|([^/]{1,64})/(get|update))");
  private static final Pattern SHARE = Pattern.compile("\\$share/[^/]+/(.+)");

  private AwsTopicName() {}

  /** Basic Ingest: the rule's name, then the topic that the rule sees. */
  static Optional<Matcher> ingest(String topic) {
    return match(INGEST, topic);
  }

  /**
   * A request to a shadow: the thing's name, the shadow's name (null for the classic one) and the
   * operation.
   */
  static Optional<Matcher> shadow(String topic) {
    return match(SHADOW, topic);
  }

  /** A request about jobs: an operation on all jobs, or a job's id and an operation on it. */
  static Optional<Matcher> jobs(String topic) {
    return match(JOBS, topic);
  }

  private static Optional<Matcher> match(Pattern pattern, String topic) {
    return Optional.of(pattern.matcher(topic)).filter(Matcher::matches);
  }

  /** Topics that begin with $ are reserved by AWS; these are the supported ones. */
  static boolean mayBePublished(String topic) {
    return !topic.startsWith("$")
        || ingest(topic).isPresent()
        || shadow(topic).isPresent()
        || jobs(topic).isPresent()
        || FleetProvisioning.isRequest(topic);
  }

  /** Unlike in MQTT, {@code sensor/#} does not match {@code sensor}. */
  static boolean matches(String filter, String topic) {
    return TopicFilter.matches(filter, topic) && !filter.equals(topic + "/#");
  }

  /** The quotas of a topic or filter; a prefix with a rule or a group does not count. */
  static boolean fits(String topic) {
    String counted =
        ingest(topic)
            .map(found -> found.group(2))
            .or(() -> match(SHARE, topic).map(found -> found.group(1)))
            .orElse(topic);
    return counted.getBytes(StandardCharsets.UTF_8).length <= LONGEST
        && counted.chars().filter(c -> c == '/').count() <= MOST_SLASHES;
  }
}
