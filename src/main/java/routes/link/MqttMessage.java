package routes.link;

import java.util.List;
import java.util.Map;

/**
 * An application message: what a PUBLISH packet carries (MQTT 5, 3.3). With MQTT 3.1.1 the
 * properties are dropped.
 *
 * @param qos 0 or 1
 * @param id packet identifier of a message that arrived with QoS 1
 * @param duplicate whether the broker has delivered it before without receiving an acknowledgement
 */
public record MqttMessage(
    String topic,
    byte[] payload,
    int qos,
    boolean retain,
    Properties properties,
    int id,
    boolean duplicate) {
  /**
   * Properties of a PUBLISH packet (MQTT 5, 3.3.2.3); null, false or empty if absent.
   *
   * @param utf8 Payload Format Indicator: the payload is UTF-8
   * @param expiry Message Expiry Interval in seconds
   * @param user User Properties, in order
   */
  public record Properties(
      String contentType,
      boolean utf8,
      Long expiry,
      String responseTopic,
      byte[] correlationData,
      List<Map.Entry<String, String>> user) {
    public static final Properties NONE = new Properties(null, false, null, null, null, List.of());
  }

  /** A message to send. */
  public MqttMessage(String topic, byte[] payload, int qos, boolean retain, Properties properties) {
    this(topic, payload, qos, retain, properties, 0, false);
  }

  /** A message of QoS 1 without properties. */
  public MqttMessage(String topic, byte[] payload) {
    this(topic, payload, 1, false, Properties.NONE);
  }

  MqttMessage notRetained() {
    return retain ? new MqttMessage(topic, payload, qos, false, properties) : this;
  }

  public MqttMessage with(Properties properties) {
    return new MqttMessage(topic, payload, qos, retain, properties);
  }
}
