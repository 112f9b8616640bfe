package routes.sandbox;

import io.netty.handler.codec.mqtt.MqttProperties;

/** Messages that a stand-in cloud sends by itself. */
final class Sent {
  private Sent() {}

  /** With QoS 1. */
  static Arrived message(String topic, byte[] payload) {
    return new Arrived("", topic, payload, 1, false, MqttProperties.NO_PROPERTIES);
  }
}
