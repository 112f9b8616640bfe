package routes.google;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import routes.link.BrokerUrl;
import routes.link.ConnectionPolicy;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.link.MqttVersion;
import routes.link.SettingNames;
import routes.settings.SettingException;
import routes.tls.TlsFiles;
import routes.uplink.GatewaySettings;

/**
 * The settings of a gateway of kind google, validated as ClearBlade's manual demands
 * ("Requirements", "Quotas").
 */
final class GoogleSettings {
  /** Bytes of the largest telemetry message. */
  static final int LARGEST_EVENT = 256 * 1024;

  private static final String ENDPOINT = "endpoint";
  private static final String LIFETIME = "token-lifetime";
  private static final Pattern PROJECT = Pattern.compile("[a-z][-a-z0-9.:]{4,98}[a-z0-9]");
  private static final Pattern REGION = Pattern.compile("[a-z]+-[a-z]+[0-9]+");

  /** The id of a registry or device; it must not start with goog either. */
  private static final Pattern ID = Pattern.compile("(?!goog)[a-zA-Z][-a-zA-Z0-9._+~%]{2,254}");

  private static final Duration LEAST_LIFETIME = Duration.ofSeconds(5);
  private static final Duration LONGEST_LIFETIME = Duration.ofHours(24);
  private static final int MOST_IN_FLIGHT = 100;
  private static final int IDLE_LIMIT = 20 * 60;

  private GoogleSettings() {}

  /**
   * @throws SettingException for the first setting that is missing or invalid
   */
  static ConnectionSettings connection(GatewaySettings settings) {
    String clientId =
        "projects/"
            + project(settings)
            + "/locations/"
            + matching(settings, "region", REGION, "the registry's region, such as us-central1")
            + "/registries/"
            + matching(settings, "registry", ID, "the registry's id")
            + "/devices/"
            + device(settings);
    SettingNames names =
        new SettingNames(
            settings.key("ca"),
            null,
            null,
            "%s, %s, and this device's clock"
                .formatted(settings.key("project"), settings.key(SigningKey.KEY)),
            "%s, %s, %s, device.id"
                .formatted(
                    settings.key("project"), settings.key("region"), settings.key("registry")),
            settings.key("endpoint"),
            null);
    TlsFiles tls = names.tls(settings.all());
    tls.get();
    credentials(settings, Clock.systemUTC()).get();
    return new ConnectionSettings(
        endpoint(settings),
        clientId,
        tls,
        List.of(),
        true,
        MqttVersion.V3_1_1,
        names,
        ConnectionPolicy.read(settings, MOST_IN_FLIGHT, 1, IDLE_LIMIT - 1)
            .withLargestPayload(LARGEST_EVENT));
  }

  /** This device's id, which must be valid in this protocol. */
  static String device(GatewaySettings settings) {
    String should =
        "an id of 3 to 255 letters, digits and -._+~%, starting with a letter but not with goog";
    String id = settings.all().require("device.id", should);
    if (!ID.matcher(id).matches()) {
      throw new SettingException("device.id", "\"" + id + "\" is invalid; use " + should);
    }
    return id;
  }

  private static String project(GatewaySettings settings) {
    return matching(
        settings, "project", PROJECT, "the project's id, such as my-project, not its number");
  }

  private static String matching(
      GatewaySettings settings, String key, Pattern pattern, String should) {
    String value = settings.require(key, should);
    if (!pattern.matcher(value).matches()) {
      throw settings.wrong(key, "\"" + value + "\" is invalid; use " + should);
    }
    return value;
  }

  private static BrokerUrl endpoint(GatewaySettings settings) {
    String text =
        settings.require(ENDPOINT, "a host or host:port, such as us-central1-mqtt.clearblade.com");
    if (text.contains("/")) {
      throw settings.wrong(
          ENDPOINT, "\"" + text + "\" is not host or host:port; remove ssl:// and the path");
    }
    BrokerUrl url = BrokerUrl.parse(settings.key(ENDPOINT), "ssl://" + text);
    String host = url.host().toLowerCase(Locale.ROOT);
    if (host.endsWith("googleapis.com") || host.endsWith(".goog")) {
      throw settings.wrong(
          ENDPOINT,
          "Google retired IoT Core on 16 August 2023, and "
              + host
              + " no longer answers; remove this setting to use ClearBlade, which continues the"
              + " protocol, or use the gateway pubsub to reach Google Cloud");
    }
    return url;
  }

  /**
   * Called before each CONNECT: returns a token that is valid from now on, signed with the key that
   * its file contains now. The user name is ignored, but must be present.
   */
  static Supplier<Credential> credentials(GatewaySettings settings, Clock clock) {
    Duration lifetime = lifetime(settings);
    Jwt tokens = new Jwt(project(settings), lifetime, clock);
    return () ->
        new Credential(
            Optional.of("unused"),
            Optional.of(tokens.token(SigningKey.read(settings))),
            Optional.of(lifetime.multipliedBy(8).dividedBy(10)));
  }

  private static Duration lifetime(GatewaySettings settings) {
    Duration lifetime = settings.duration(LIFETIME);
    if (lifetime.compareTo(LEAST_LIFETIME) < 0 || lifetime.compareTo(LONGEST_LIFETIME) > 0) {
      throw settings.wrong(LIFETIME, "must be between 5s and 24h");
    }
    return Duration.ofSeconds(lifetime.toSeconds());
  }
}
