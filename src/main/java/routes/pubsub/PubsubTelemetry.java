package routes.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import routes.sample.Device;
import routes.settings.SettingException;
import routes.uplink.Telemetry;

/**
 * The attributes of a telemetry message: {@code id}, by which receivers drop duplicates, {@code
 * deviceId}, {@code kind}, {@code contentType} and, on this device's own messages, its labels.
 * Subscriptions can filter by attributes.
 */
public final class PubsubTelemetry {
  /** GooglePubsubConstants.ATTRIBUTES of camel-google-pubsub (Map of String to String). */
  public static final String ATTRIBUTES = "CamelGooglePubsubAttributes";

  // cloud.google.com/pubsub/quotas#resource_limits, less the five other attributes
  private static final int MOST_LABELS = 95;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_VALUE = 1024;

  private static final Set<String> OWN =
      Set.of("id", "deviceId", "kind", "contentType", "contentEncoding");

  private final Device device;

  /**
   * @throws SettingException for a label that cannot be an attribute
   */
  public PubsubTelemetry(Device device) {
    this.device = device;
    device.labels().forEach(PubsubTelemetry::check);
    if (device.labels().size() > MOST_LABELS) {
      throw new SettingException(
          "device.labels",
          "Pub/Sub accepts at most " + MOST_LABELS + ", not " + device.labels().size());
    }
  }

  private static void check(String name, String value) {
    boolean ours = OWN.contains(name);
    if (ours || name.startsWith("goog") || bytes(name) > LONGEST_NAME) {
      throw new SettingException(
          "device.labels",
          "\""
              + name
              + "\" cannot be a label at Pub/Sub; use 1 to 256 bytes that do not start with goog"
              + " and are not id, deviceId, kind, contentType or contentEncoding");
    }
    if (bytes(value) > LONGEST_VALUE) {
      throw new SettingException(
          "device.labels", "\"" + name + "\" is longer than the 1024 bytes that Pub/Sub accepts");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Returns the attributes of a message, without an id if it has none. */
  public Map<String, String> attributes(Telemetry telemetry) {
    Map<String, String> attributes = new HashMap<>();
    if (telemetry.device().equals(device.id())) {
      attributes.putAll(device.labels());
    }
    attributes.put("deviceId", telemetry.device());
    attributes.put("kind", telemetry.kind());
    attributes.put("contentType", telemetry.contentType());
    if (telemetry.contentEncoding() != null) {
      attributes.put("contentEncoding", telemetry.contentEncoding());
    }
    if (telemetry.id() != null) {
      attributes.put("id", telemetry.id());
    }
    return attributes;
  }
}
