package routes.aws;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.SettingNames;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.tls.TlsFiles;

/**
 * The settings of the gateway aws, held to what AWS IoT Core takes.
 *
 * @see <a href="https://docs.aws.amazon.com/general/latest/gr/iot-core.html">AWS IoT Core endpoints
 *     and quotas</a>
 */
final class AwsSettings {
  static final String GATEWAY = "aws";

  /** Bytes of a message's payload. */
  static final int LARGEST_PAYLOAD = 128 * 1024;

  private static final int MOST_PUBLISHES = 100;
  private static final int MOST_IN_FLIGHT = 100;
  private static final int LEAST_KEEP_ALIVE = 30;
  private static final int MOST_KEEP_ALIVE = 1_200;
  private static final long LONGEST_EXPIRY = 0xFFFF_FFFFL;

  private static final Pattern THING = Pattern.compile("[a-zA-Z0-9:_-]{1,128}");
  private static final Pattern RULE = Pattern.compile("[a-zA-Z0-9_]{1,128}");
  private static final SettingNames NAMES =
      new SettingNames(
          "aws.root-ca",
          "aws.certificate",
          "aws.private-key",
          "aws.certificate, aws.thing and the certificate's policy",
          "aws.thing");

  private AwsSettings() {}

  /**
   * @throws SettingException for what is missing or wrong, in one line
   */
  static ConnectionSettings read(Settings settings) {
    AwsEndpoint endpoint =
        AwsEndpoint.parse(
            settings.require(
                "aws.endpoint",
                "the host that \"aws iot describe-endpoint --endpoint-type iot:Data-ATS\" prints"));
    String thing = thing(settings);
    topic(settings);
    rule(settings);
    messageExpiry(settings);
    Shadow shadow = new Shadow(thing);
    ConnectionPolicy policy =
        ConnectionPolicy.read(
                new routes.uplink.GatewaySettings(settings, GATEWAY, GATEWAY),
                MOST_IN_FLIGHT,
                LEAST_KEEP_ALIVE,
                MOST_KEEP_ALIVE)
            .withLargestPayload(LARGEST_PAYLOAD)
            .withPublishesPerSecond(settings.integer("aws.publish-rate", 1, MOST_PUBLISHES))
            .withGreetings(Map.of(shadow.got(), shadow.get()));
    return new ConnectionSettings(
        endpoint.url(), thing, tls(settings), endpoint.alpn(), true, NAMES, policy);
  }

  private static TlsFiles tls(Settings settings) {
    settings.require("aws.certificate", "the device certificate's PEM file");
    settings.require("aws.private-key", "the PEM file with the device certificate's key");
    TlsFiles tls = NAMES.tls(settings);
    tls.get();
    return tls;
  }

  /** The thing's name, which is the client id: a policy's thing variables ask for that. */
  static String thing(Settings settings) {
    String thing = settings.require("aws.thing", "the thing's name");
    if (!THING.matcher(thing).matches()) {
      throw new SettingException(
          "aws.thing",
          "\"" + thing + "\" should be 1 to 128 letters, digits, '-', '_' and ':', as things are");
    }
    return thing;
  }

  /** Where samples go; without the prefix of Basic Ingest. */
  static String topic(Settings settings) {
    String topic = settings.require("aws.topic", "the topic of the samples");
    if (topic.startsWith("$")) {
      throw wrongTopic(topic, "begins with $, which is AWS's own: set aws.rule for Basic Ingest");
    }
    if (topic.contains("+") || topic.contains("#")) {
      throw wrongTopic(topic, "is no topic to publish to: it should be without + and #");
    }
    if (!AwsTopic.fits(topic)) {
      throw wrongTopic(topic, "should hold 7 slashes and 256 bytes at most");
    }
    return topic;
  }

  private static SettingException wrongTopic(String topic, String problem) {
    return new SettingException("aws.topic", "\"" + topic + "\" " + problem);
  }

  /** The rule that samples go to straight, past the message broker; empty for none. */
  static Optional<String> rule(Settings settings) {
    Optional<String> rule = settings.find("aws.rule");
    if (rule.isPresent() && !RULE.matcher(rule.get()).matches()) {
      throw new SettingException(
          "aws.rule",
          "\"" + rule.get() + "\" should be a rule's name: letters, digits and '_' alone");
    }
    return rule;
  }

  static Duration messageExpiry(Settings settings) {
    Duration expiry = settings.duration("aws.message-expiry");
    if (expiry.toSeconds() < 1 || expiry.toSeconds() > LONGEST_EXPIRY) {
      throw new SettingException(
          "aws.message-expiry", "should be from 1s to " + LONGEST_EXPIRY + "s");
    }
    return expiry;
  }
}
