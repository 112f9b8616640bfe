package routes.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.AttributeKey;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A message in delivery to one client.
 *
 * @param identifiers of the subscriptions that it matched
 * @param since when it arrived, by {@link System#nanoTime()}
 */
record Delivery(Arrived message, int qos, boolean retain, List<Integer> identifiers, long since) {
  private static final int EXPIRY = MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value();

  /** The channel attribute from which Netty's encoder takes the version; the default is 3.1.1. */
  private static final AttributeKey<MqttVersion> VERSION =
      AttributeKey.valueOf("NETTY_CODEC_MQTT_VERSION");

  /** Whether its expiry interval has elapsed (MQTT 5, 3.3.2.3.3). */
  boolean expired() {
    return message.properties().getProperty(EXPIRY) instanceof IntegerProperty expiry
        && waited() >= Integer.toUnsignedLong(expiry.value());
  }

  private long waited() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
  }

  MqttPublishMessage packet(int id, boolean again) {
    return new MqttPublishMessage(
        new MqttFixedHeader(MqttMessageType.PUBLISH, again, MqttQoS.valueOf(qos), retain, 0),
        new MqttPublishVariableHeader(message.topic(), id, properties()),
        Unpooled.wrappedBuffer(message.payload()));
  }

  /** Bytes of its packet in MQTT 5. */
  int size() {
    EmbeddedChannel encoder = new EmbeddedChannel(MqttEncoder.INSTANCE);
    encoder.attr(VERSION).set(MqttVersion.MQTT_5);
    encoder.writeOutbound(packet(1, false));
    ByteBuf packet = encoder.readOutbound();
    int size = packet.readableBytes();
    packet.release();
    encoder.finishAndReleaseAll();
    return size;
  }

  /** The publisher's properties, without the topic alias and with the remaining expiry interval. */
  private MqttProperties properties() {
    MqttProperties properties = new MqttProperties();
    for (MqttProperty<?> property : message.properties().listAll()) {
      if (property instanceof IntegerProperty expiry && property.propertyId() == EXPIRY) {
        properties.add(new IntegerProperty(EXPIRY, (int) (expiry.value() - waited())));
      } else if (property.propertyId() != MqttPropertyType.TOPIC_ALIAS.value()) {
        properties.add(property);
      }
    }
    for (int identifier : identifiers) {
      properties.add(
          new IntegerProperty(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value(), identifier));
    }
    return properties;
  }
}
