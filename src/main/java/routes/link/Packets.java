package routes.link;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscribePayload;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import routes.link.MqttMessage.Properties;

/** Converts messages to Netty's packets and back. */
final class Packets {
  static final io.netty.handler.codec.mqtt.MqttMessage PINGREQ =
      io.netty.handler.codec.mqtt.MqttMessage.PINGREQ;
  static final io.netty.handler.codec.mqtt.MqttMessage DISCONNECT =
      io.netty.handler.codec.mqtt.MqttMessage.DISCONNECT;

  /** How long a broker keeps messages for a disconnected device (MQTT 5). */
  private static final int SESSION_SECONDS = 24 * 60 * 60;

  private Packets() {}

  static MqttConnectMessage connect(
      ConnectionSettings settings, Credential credential, boolean five) {
    MqttProperties properties = new MqttProperties();
    properties.add(integer(MqttPropertyType.RECEIVE_MAXIMUM, Arrivals.ROOM));
    if (!settings.cleanSession()) {
      properties.add(integer(MqttPropertyType.SESSION_EXPIRY_INTERVAL, SESSION_SECONDS));
    }
    return MqttMessageBuilders.connect()
        .protocolVersion(
            five
                ? io.netty.handler.codec.mqtt.MqttVersion.MQTT_5
                : io.netty.handler.codec.mqtt.MqttVersion.MQTT_3_1_1)
        .clientId(settings.clientId())
        .cleanSession(settings.cleanSession())
        .keepAlive(Math.toIntExact(settings.policy().keepAlive().toSeconds()))
        .properties(five ? properties : MqttProperties.NO_PROPERTIES)
        .hasUser(credential.username().isPresent())
        .username(credential.username().orElse(null))
        .hasPassword(credential.password().isPresent())
        .password(
            credential.password().map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null))
        .build();
  }

  private static IntegerProperty integer(MqttPropertyType type, int value) {
    return new IntegerProperty(type.value(), value);
  }

  /** Returns the message of a PUBLISH packet; copies the payload. */
  static MqttMessage message(MqttPublishMessage packet) {
    return new MqttMessage(
        packet.variableHeader().topicName(),
        ByteBufUtil.getBytes(packet.payload()),
        packet.fixedHeader().qosLevel().value(),
        packet.fixedHeader().isRetain(),
        properties(packet.variableHeader().properties()),
        packet.variableHeader().packetId(),
        packet.fixedHeader().isDup());
  }

  private static Properties properties(MqttProperties from) {
    if (from.isEmpty()) {
      return Properties.NONE;
    }
    List<Map.Entry<String, String>> user = new ArrayList<>();
    from.getProperties(MqttPropertyType.USER_PROPERTY.value())
        .forEach(
            property -> {
              MqttProperties.StringPair pair = ((UserProperty) property).value();
              user.add(Map.entry(pair.key, pair.value));
            });
    Object expiry = value(from, MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL);
    return new Properties(
        (String) value(from, MqttPropertyType.CONTENT_TYPE),
        Integer.valueOf(1).equals(value(from, MqttPropertyType.PAYLOAD_FORMAT_INDICATOR)),
        expiry == null ? null : Integer.toUnsignedLong((Integer) expiry),
        (String) value(from, MqttPropertyType.RESPONSE_TOPIC),
        (byte[]) value(from, MqttPropertyType.CORRELATION_DATA),
        user);
  }

  /** Returns null if there is no such property. */
  static Object value(MqttProperties properties, MqttPropertyType type) {
    MqttProperties.MqttProperty<?> property = properties.getProperty(type.value());
    return property == null ? null : property.value();
  }

  /** Builds a PUBACK, PUBREC, PUBREL or PUBCOMP; MQTT 3.1.1 omits the reason. */
  static io.netty.handler.codec.mqtt.MqttMessage reply(MqttMessageType type, int id, int reason) {
    MqttQoS flags = type == MqttMessageType.PUBREL ? MqttQoS.AT_LEAST_ONCE : MqttQoS.AT_MOST_ONCE;
    return new io.netty.handler.codec.mqtt.MqttMessage(
        new MqttFixedHeader(type, false, flags, false, 0),
        new MqttPubReplyMessageVariableHeader(id, (byte) reason, MqttProperties.NO_PROPERTIES));
  }

  static MqttSubscribeMessage subscribe(int id, String filter, int qos) {
    return new MqttSubscribeMessage(
        header(MqttMessageType.SUBSCRIBE),
        id(id),
        new MqttSubscribePayload(List.of(new MqttTopicSubscription(filter, MqttQoS.valueOf(qos)))));
  }

  static MqttUnsubscribeMessage unsubscribe(int id, String filter) {
    return new MqttUnsubscribeMessage(
        header(MqttMessageType.UNSUBSCRIBE), id(id), new MqttUnsubscribePayload(List.of(filter)));
  }

  private static MqttFixedHeader header(MqttMessageType type) {
    return new MqttFixedHeader(type, false, MqttQoS.AT_LEAST_ONCE, false, 0);
  }

  private static MqttMessageIdAndPropertiesVariableHeader id(int id) {
    return new MqttMessageIdAndPropertiesVariableHeader(id, MqttProperties.NO_PROPERTIES);
  }
}
