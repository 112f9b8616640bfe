package routes.link;

import routes.uplink.GatewaySettings;

/** The MQTT version that a gateway speaks. */
public enum MqttVersion {
  /** MQTT 5, or 3.1.1 if the broker rejects version 5. */
  AUTO,
  V3_1_1,
  V5;

  /**
   * Reads a setting that holds auto, 5 or 3.1.1; auto if it is not set.
   *
   * @throws routes.settings.SettingException for any other value
   */
  public static MqttVersion parse(GatewaySettings settings, String key) {
    String text = settings.find(key).orElse("auto");
    return switch (text) {
      case "auto" -> AUTO;
      case "5" -> V5;
      case "3.1.1" -> V3_1_1;
      default ->
          throw settings.wrong(
              key, "\"" + text + "\" is not an MQTT version; use auto, 5 or 3.1.1");
    };
  }
}
