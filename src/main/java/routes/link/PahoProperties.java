package routes.link;

import java.util.List;
import java.util.Map;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import routes.link.MqttMessage.Properties;

/** Converts the properties of a message to Camel's stock header and back. */
final class PahoProperties {
  private PahoProperties() {}

  static MqttProperties toPaho(Properties from) {
    MqttProperties to = new MqttProperties();
    to.setContentType(from.contentType());
    to.setPayloadFormat(from.utf8());
    to.setMessageExpiryInterval(from.expiry());
    if (from.responseTopic() != null && !from.responseTopic().matches(".*[+#].*")) {
      to.setResponseTopic(from.responseTopic()); // Paho throws for wildcards
    }
    to.setCorrelationData(from.correlationData());
    to.setUserProperties(
        from.user().stream()
            .map(pair -> new UserProperty(pair.getKey(), pair.getValue()))
            .toList());
    return to;
  }

  static Properties fromPaho(MqttProperties from) {
    if (from == null) {
      return Properties.NONE;
    }
    List<UserProperty> user = from.getUserProperties();
    return new Properties(
        from.getContentType(),
        from.getPayloadFormat(),
        from.getMessageExpiryInterval(),
        from.getResponseTopic(),
        from.getCorrelationData(),
        user == null
            ? List.of()
            : user.stream().map(pair -> Map.entry(pair.getKey(), pair.getValue())).toList());
  }
}
