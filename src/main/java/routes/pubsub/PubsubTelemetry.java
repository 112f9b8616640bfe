package routes.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import routes.sample.Device;
import routes.settings.SettingException;
import routes.uplink.Telemetry;

/**
 * The attributes of a telemetry message: {@code id}, by which a receiver drops a duplicate, {@code
 * deviceId}, {@code kind}, {@code contentType} and, on this device's own, its labels by their
 * names. Subscriptions filter by them.
 */
public final class PubsubTelemetry {
  /** GooglePubsubConstants.ATTRIBUTES of camel-google-pubsub (Map of String to String). */
  public static final String ATTRIBUTES = "CamelGooglePubsubAttributes";

  // cloud.google.com/pubsub/quotas#resource_limits; four attributes are not labels
  private static final int MOST_LABELS = 96;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_VALUE = 1024;

  private static final Set<String> OWN = Set.of("id", "deviceId", "kind", "contentType");

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
          "Pub/Sub takes " + MOST_LABELS + " at most, not " + device.labels().size());
    }
  }

  private static void check(String name, String value) {
    boolean ours = OWN.contains(name);
    if (ours || name.startsWith("goog") || bytes(name) > LONGEST_NAME) {
      throw new SettingException(
          "device.labels",
          "\""
              + name
              + "\" can't be a label at Pub/Sub: it should be 1 to 256 bytes, not begin with goog,"
              + " and not be id, deviceId, kind or contentType");
    }
    if (bytes(value) > LONGEST_VALUE) {
      throw new SettingException(
          "device.labels", "\"" + name + "\" is longer than the 1024 bytes that Pub/Sub takes");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Without an id when the message has none. */
  public Map<String, String> attributes(Telemetry telemetry) {
    Map<String, String> attributes = new HashMap<>();
    if (telemetry.device().equals(device.id())) {
      attributes.putAll(device.labels());
    }
    attributes.put("deviceId", telemetry.device());
    attributes.put("kind", telemetry.kind());
    attributes.put("contentType", telemetry.contentType());
    if (telemetry.id() != null) {
      attributes.put("id", telemetry.id());
    }
    return attributes;
  }
}
