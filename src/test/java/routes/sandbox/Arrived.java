package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A message that arrived at the broker.
 *
 * @param properties of MQTT 5 (3.3.2.3); none from a 3.1.1 client
 */
public record Arrived(
    String clientId,
    String topic,
    byte[] payload,
    int qos,
    boolean retain,
    MqttProperties properties) {
  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /** User properties by name; the last one if a name occurs twice. */
  public Map<String, String> userProperties() {
    Map<String, String> found = new HashMap<>();
    for (MqttProperties.MqttProperty<?> property :
        properties.getProperties(MqttPropertyType.USER_PROPERTY.value())) {
      MqttProperties.StringPair pair = ((MqttProperties.UserProperty) property).value();
      found.put(pair.key, pair.value);
    }
    return found;
  }

  /** A property that occurs at most once, as text; null if absent. */
  public String property(MqttPropertyType type) {
    MqttProperties.MqttProperty<?> property = properties.getProperty(type.value());
    return property == null ? null : String.valueOf(property.value());
  }
}
