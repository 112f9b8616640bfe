package routes.aws;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.link.MqttVersion;
import routes.link.SettingNames;
import routes.link.TopicTemplate;
import routes.settings.SettingException;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;
import routes.uplink.Identity;
import routes.uplink.IdentityFile;

/**
 * The settings of a gateway of kind aws, validated against AWS IoT Core's limits.
 *
 * @param credentials none, because the certificate alone identifies the device; throws if this
 *     device has yet to be provisioned
 * @see <a href="https://docs.aws.amazon.com/general/latest/gr/iot-core.html">AWS IoT Core endpoints
 *     and quotas</a>
 */
record AwsSettings(
    ConnectionSettings connection,
    Supplier<Credential> credentials,
    AwsTopics topics,
    AwsTelemetry telemetry) {
  /** Bytes of a message's payload. */
  static final int LARGEST_PAYLOAD = 128 * 1024;

  private static final int MOST_PUBLISHES = 100;
  private static final int MOST_IN_FLIGHT = 100;
  private static final Credential NONE = new Credential(Optional.empty(), Optional.empty());
  static final int LEAST_KEEP_ALIVE = 30;
  static final int MOST_KEEP_ALIVE = 1_200;
  private static final long LONGEST_EXPIRY = 0xFFFF_FFFFL;
  static final Pattern THING = Pattern.compile("[a-zA-Z0-9:_-]{1,128}");
  private static final Pattern RULE = Pattern.compile("[a-zA-Z0-9_]{1,128}");

  /**
   * @throws SettingException for the first setting that is missing or invalid
   */
  static AwsSettings read(GatewaySettings settings) {
    AwsEndpoint endpoint = AwsEndpoint.read(settings);
    Optional<AwsClaim> claim = AwsClaim.read(settings);
    Optional<Identity> stored = claim.flatMap(each -> AwsThing.stored(settings, each));
    stored.ifPresent(identity -> use(settings, identity));
    AwsTopics topics = new AwsTopics(stored.map(AwsThing::name).orElseGet(() -> thing(settings)));
    AwsTelemetry telemetry = telemetry(settings, topics.thing());
    SettingNames names = names(settings);
    ConnectionPolicy policy =
        ConnectionPolicy.read(settings, MOST_IN_FLIGHT, LEAST_KEEP_ALIVE, MOST_KEEP_ALIVE)
            .withLargestPayload(LARGEST_PAYLOAD)
            .withPublishesPerSecond(settings.integer("publish-rate", 1, MOST_PUBLISHES))
            .withGreetings(Map.of(topics.got(), topics.get()));
    ConnectionSettings connection =
        new ConnectionSettings(
            endpoint.url(),
            topics.thing(),
            tls(settings, names, claim.isEmpty() || stored.isPresent()),
            endpoint.alpn(),
            false, // commands for a disconnected device wait at the cloud
            MqttVersion.V5,
            names,
            policy);
    return new AwsSettings(connection, () -> credential(settings), topics, telemetry);
  }

  /** Reads certificate and key from the stored identity. */
  private static void use(GatewaySettings settings, Identity identity) {
    String thing = AwsThing.name(identity);
    if (!thing(settings).equals(thing) && settings.all().isSet(settings.key("thing"))) {
      throw settings.wrong(
          "thing",
          "is not " + thing + ", as the provisioning template named this device; remove it");
    }
    String file = IdentityFile.of(settings).path().toString();
    settings.all().override(settings.key("certificate"), file);
    settings.all().override(settings.key("private-key"), file);
  }

  private static Credential credential(GatewaySettings settings) {
    AwsClaim.read(settings)
        .filter(claim -> AwsThing.stored(settings, claim).isEmpty())
        .ifPresent(
            claim -> {
              throw settings.wrong(
                  AwsClaim.TEMPLATE,
                  "this device is not provisioned yet; run the subcommand provision");
            });
    return NONE;
  }

  private static SettingNames names(GatewaySettings settings) {
    return new SettingNames(
        settings.key("root-ca"),
        settings.key("certificate"),
        settings.key("private-key"),
        "%s, %s and the certificate's policy"
            .formatted(settings.key("certificate"), settings.key("thing")),
        settings.key("thing"),
        settings.key("endpoint"),
        settings.key(settings.find("rule").isPresent() ? "rule" : "topic"));
  }

  private static TlsFiles tls(GatewaySettings settings, SettingNames names, boolean required) {
    if (required) {
      settings.require("certificate", "the device certificate's PEM file");
      settings.require("private-key", "the PEM file with the device certificate's private key");
    }
    TlsFiles tls = names.tls(settings.all());
    tls.get();
    return tls;
  }

  /** The thing's name, which is also the client id, as a policy's thing variables require. */
  static String thing(GatewaySettings settings) {
    String thing = settings.require("thing", "the thing's name");
    if (!THING.matcher(thing).matches()) {
      throw settings.wrong(
          "thing",
          "\"" + thing + "\" is not a thing name; use 1 to 128 letters, digits, '-', '_' and ':'");
    }
    return thing;
  }

  private static AwsTelemetry telemetry(GatewaySettings settings, String thing) {
    TopicTemplate topic = TopicTemplate.read(settings);
    if (topic.text().startsWith("$")) {
      throw TopicTemplate.wrong(
          settings,
          topic.text(),
          "starts with $, which AWS reserves; for Basic Ingest set " + settings.key("rule"));
    }
    String device = settings.all().require("device.id", "this device's id");
    if (!AwsTopics.fits(topic.topic(thing, "metrics"))) {
      throw TopicTemplate.wrong(
          settings, topic.text(), "must have at most 7 slashes and 256 bytes");
    }
    return new AwsTelemetry(topic, rule(settings), device, thing, expiry(settings));
  }

  /** The rule to which telemetry goes directly, bypassing the message broker; empty for none. */
  private static Optional<String> rule(GatewaySettings settings) {
    Optional<String> rule = settings.find("rule");
    if (rule.isPresent() && !RULE.matcher(rule.get()).matches()) {
      throw settings.wrong(
          "rule", "\"" + rule.get() + "\" is not a rule name; use only letters, digits and '_'");
    }
    return rule;
  }

  /** Returns seconds. */
  private static long expiry(GatewaySettings settings) {
    Duration expiry = settings.duration("message-expiry");
    if (expiry.toSeconds() < 1 || expiry.toSeconds() > LONGEST_EXPIRY) {
      throw settings.wrong("message-expiry", "must be between 1s and " + LONGEST_EXPIRY + "s");
    }
    return expiry.toSeconds();
  }
}
