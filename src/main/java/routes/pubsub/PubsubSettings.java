package routes.pubsub;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import routes.sample.Device;
import routes.settings.SettingException;
import routes.settings.Settings;

/**
 * The settings of the gateway pubsub, looked at without Google's classes: only the build with
 * -Ppubsub has them.
 *
 * @param serviceAccountKey the service account's JSON file; empty for application default
 *     credentials
 */
public record PubsubSettings(
    String project, String topic, Optional<Path> serviceAccountKey, int inFlight) {
  static final String GATEWAY = "pubsub";
  static final String KEY = "pubsub.service-account-key";

  /** By which Camel finds the component google-pubsub. */
  private static final String COMPONENT =
      "META-INF/services/org/apache/camel/component/google-pubsub";

  /** cloud.google.com/resource-manager/docs/creating-managing-projects. */
  private static final Pattern PROJECT = Pattern.compile("[a-z][a-z0-9-]{4,28}[a-z0-9]");

  /**
   * cloud.google.com/pubsub/docs/pubsub-basics#resource_names, without the percent sign: Camel
   * would take it for an escape.
   */
  private static final Pattern TOPIC = Pattern.compile("(?!goog)[A-Za-z][A-Za-z0-9._~+-]{2,254}");

  private static final Pattern FULL_NAME = Pattern.compile("projects/([^/]+)/topics/([^/]+)");
  private static final Pattern ENDPOINT = Pattern.compile("[A-Za-z0-9.-]+:\\d{1,5}");

  /**
   * Looks at the settings without connecting; for the start, when gateways names pubsub.
   *
   * @throws SettingException for the first one that is missing or wrong, or when this build lacks
   *     the component
   */
  public static void check(Settings settings) {
    check(settings, PubsubSettings.class.getClassLoader());
  }

  /** Whether this is the build with -Ppubsub. */
  public static boolean inBuild() {
    return inBuild(PubsubSettings.class.getClassLoader());
  }

  private static boolean inBuild(ClassLoader build) {
    return build.getResource(COMPONENT) != null;
  }

  static void check(Settings settings, ClassLoader build) {
    if (!inBuild(build)) {
      throw new SettingException(
          "gateways", "pubsub needs the build with -Ppubsub (mvn -Ppubsub package)");
    }
    read(settings);
    PubsubMessage.attributes(Device.of(settings));
  }

  /**
   * @throws SettingException for what is missing or wrong, in one line
   */
  static PubsubSettings read(Settings settings) {
    checkEndpoint(settings);
    Optional<Path> key = settings.file(KEY);
    key.ifPresent(ServiceAccountKey::check);
    return new PubsubSettings(
        project(settings),
        topic(settings),
        key.map(Path::toAbsolutePath),
        settings.integer("pubsub.in-flight", 1, 1_000));
  }

  private static String project(Settings settings) {
    String project = settings.require("pubsub.project", "the id of the Google Cloud project");
    if (!PROJECT.matcher(project).matches()) {
      throw new SettingException(
          "pubsub.project",
          "\""
              + project
              + "\" is no project's id: it should be 6 to 30 small letters, digits and '-'");
    }
    return project;
  }

  private static String topic(Settings settings) {
    String topic = settings.require("pubsub.topic", "the topic's id, such as metrics");
    var full = FULL_NAME.matcher(topic);
    if (full.matches()) {
      throw new SettingException(
          "pubsub.topic",
          "should be the topic's id alone: "
              + full.group(2)
              + ", with pubsub.project = "
              + full.group(1));
    }
    if (!TOPIC.matcher(topic).matches()) {
      throw new SettingException(
          "pubsub.topic",
          "\""
              + topic
              + "\" is no topic's id: it should be 3 to 255 letters, digits and -._~+, begin with"
              + " a letter, and not with goog");
    }
    return topic;
  }

  private static void checkEndpoint(Settings settings) {
    String key = "pubsub.endpoint";
    settings
        .find(key)
        .filter(endpoint -> !ENDPOINT.matcher(endpoint).matches())
        .ifPresent(
            endpoint -> {
              throw new SettingException(
                  key,
                  "\""
                      + endpoint
                      + "\" should be host:port, such as europe-west1-pubsub.googleapis.com:443");
            });
  }
}
