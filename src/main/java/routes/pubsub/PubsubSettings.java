package routes.pubsub;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;

/**
 * The settings of a gateway of kind pubsub.
 *
 * @param serviceAccountKey the service account's JSON file; empty for application default
 *     credentials
 */
public record PubsubSettings(
    String project, String topic, Optional<Path> serviceAccountKey, int inFlight) {
  static final String KEY = "service-account-key";

  /** The start of an emulator's endpoint. */
  static final String PLAINTEXT = "http://";

  /** cloud.google.com/resource-manager/docs/creating-managing-projects. */
  private static final Pattern PROJECT = Pattern.compile("[a-z][a-z0-9-]{4,28}[a-z0-9]");

  /**
   * cloud.google.com/pubsub/docs/pubsub-basics#resource_names, without the percent sign, which
   * Camel would interpret as an escape.
   */
  private static final Pattern TOPIC = Pattern.compile("(?!goog)[A-Za-z][A-Za-z0-9._~+-]{2,254}");

  private static final Pattern FULL_NAME = Pattern.compile("projects/([^/]+)/topics/([^/]+)");
  private static final Pattern ENDPOINT = Pattern.compile("(?:http://)?[A-Za-z0-9.-]+:\\d{1,5}");

  /**
   * @throws SettingException for the first setting that is missing or invalid
   */
  static PubsubSettings read(GatewaySettings settings) {
    checkEndpoint(settings);
    Optional<Path> key = settings.file(KEY);
    key.ifPresent(file -> ServiceAccountKey.check(settings.key(KEY), file));
    return new PubsubSettings(
        project(settings),
        topic(settings),
        key.map(Path::toAbsolutePath),
        settings.integer("in-flight", 1, 1_000));
  }

  private static String project(GatewaySettings settings) {
    String project = settings.require("project", "the id of the Google Cloud project");
    if (!PROJECT.matcher(project).matches()) {
      throw settings.wrong(
          "project",
          "\""
              + project
              + "\" is not a project id; use 6 to 30 lower-case letters, digits and '-'");
    }
    return project;
  }

  private static String topic(GatewaySettings settings) {
    String topic = settings.require("topic", "the topic's id, such as metrics");
    var full = FULL_NAME.matcher(topic);
    if (full.matches()) {
      throw settings.wrong(
          "topic",
          "is a full name; use only the topic's id "
              + full.group(2)
              + ", with "
              + settings.key("project")
              + " = "
              + full.group(1));
    }
    if (!TOPIC.matcher(topic).matches()) {
      throw settings.wrong(
          "topic",
          "\""
              + topic
              + "\" is not a topic id; use 3 to 255 letters, digits and -._~+, starting with a"
              + " letter but not with goog");
    }
    return topic;
  }

  private static void checkEndpoint(GatewaySettings settings) {
    String key = "endpoint";
    settings
        .find(key)
        .filter(endpoint -> !ENDPOINT.matcher(endpoint).matches())
        .ifPresent(
            endpoint -> {
              throw settings.wrong(
                  key,
                  "\""
                      + endpoint
                      + "\" is not an endpoint; use host:port, such as"
                      + " europe-west1-pubsub.googleapis.com:443, or http://host:port for an"
                      + " emulator");
            });
    if (settings.find(key).filter(found -> found.startsWith(PLAINTEXT)).isPresent()
        && settings.find(KEY).isPresent()) {
      throw settings.wrong(
          key, "an emulator (http://) takes no credentials; remove " + settings.key(KEY));
    }
  }
}
