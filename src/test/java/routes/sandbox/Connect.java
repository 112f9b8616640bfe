package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;

/**
 * A client's CONNECT (MQTT 5, 3.1; MQTT 3.1.1, 3.1).
 *
 * @param assigned whether the client sent no id and the broker assigned this one
 * @param version the protocol level: 4 for 3.1.1, 5 for 5
 * @param certificate of the client, if it used TLS and sent one
 */
public record Connect(
    String clientId,
    boolean assigned,
    int version,
    boolean cleanStart,
    int keepAlive,
    Optional<String> username,
    Optional<String> password,
    Optional<X509Certificate> certificate,
    Optional<Will> will,
    MqttProperties properties) {

  /**
   * @param spareId the client id if it sent none
   */
  static Connect of(
      MqttConnectMessage message, Optional<X509Certificate> certificate, String spareId) {
    MqttConnectVariableHeader header = message.variableHeader();
    boolean assigned = message.payload().clientIdentifier().isEmpty();
    String id = assigned ? spareId : message.payload().clientIdentifier();
    return new Connect(
        id,
        assigned,
        header.version(),
        header.isCleanSession(),
        header.keepAliveTimeSeconds(),
        Optional.ofNullable(message.payload().userName()),
        Optional.ofNullable(message.payload().passwordInBytes())
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8)),
        certificate,
        header.isWillFlag() ? Optional.of(will(id, message)) : Optional.empty(),
        header.properties());
  }

  private static Will will(String clientId, MqttConnectMessage message) {
    MqttProperties properties = new MqttProperties();
    long delay = 0;
    for (MqttProperties.MqttProperty<?> property : message.payload().willProperties().listAll()) {
      if (property.propertyId() == MqttPropertyType.WILL_DELAY_INTERVAL.value()) {
        delay = Integer.toUnsignedLong(((IntegerProperty) property).value());
      } else {
        properties.add(property);
      }
    }
    Arrived arrived =
        new Arrived(
            clientId,
            message.payload().willTopic(),
            message.payload().willMessageInBytes(),
            message.variableHeader().willQos(),
            message.variableHeader().isWillRetain(),
            properties);
    return new Will(arrived, Duration.ofSeconds(delay));
  }

  /** A numeric property of MQTT 5, up to 2^32 - 1. */
  long property(MqttPropertyType type, long absent) {
    return properties.getProperty(type.value()) instanceof IntegerProperty found
        ? Integer.toUnsignedLong(found.value())
        : absent;
  }
}
