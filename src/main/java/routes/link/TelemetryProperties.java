package routes.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import routes.uplink.Telemetry;

/**
 * The MQTT 5 properties of a telemetry message (3.3.2.3): content type, UTF-8 as payload format
 * where it is text, and the user properties {@code id}, by which a receiver drops a duplicate, and
 * {@code device}.
 */
public final class TelemetryProperties {
  private TelemetryProperties() {}

  /**
   * @param expiry s that the broker keeps the message for a subscriber that is away; null for no
   *     limit
   */
  public static MqttMessage.Properties of(Telemetry telemetry, Long expiry) {
    List<Map.Entry<String, String>> user = new ArrayList<>();
    if (telemetry.id() != null) {
      user.add(Map.entry("id", telemetry.id()));
    }
    user.add(Map.entry("device", telemetry.device()));
    return new MqttMessage.Properties(
        telemetry.contentType(), telemetry.isText(), expiry, null, null, user);
  }
}
