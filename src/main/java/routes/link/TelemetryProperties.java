package routes.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import routes.uplink.Telemetry;

/**
 * The MQTT 5 properties of a telemetry message (3.3.2.3): content type, the payload format UTF-8
 * for text, and the user properties {@code id}, by which receivers drop duplicates, {@code device},
 * and {@code content-encoding} for a compressed payload.
 */
public final class TelemetryProperties {
  private TelemetryProperties() {}

  /**
   * @param expiry seconds that the broker keeps the message for a disconnected subscriber; null for
   *     no limit
   */
  public static MqttMessage.Properties of(Telemetry telemetry, Long expiry) {
    List<Map.Entry<String, String>> user = new ArrayList<>();
    if (telemetry.id() != null) {
      user.add(Map.entry("id", telemetry.id()));
    }
    user.add(Map.entry("device", telemetry.device()));
    if (telemetry.contentEncoding() != null) {
      user.add(Map.entry("content-encoding", telemetry.contentEncoding()));
    }
    return new MqttMessage.Properties(
        telemetry.contentType(), telemetry.isText(), expiry, null, null, user);
  }
}
