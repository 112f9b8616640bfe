package routes.sandbox.azure;

import io.netty.handler.codec.mqtt.MqttProperties;
import routes.sandbox.Arrived;

/** Messages that a stand-in cloud sends on its own. */
final class Sent {
  private Sent() {}

  /** With QoS 1. */
  static Arrived message(String topic, byte[] payload) {
    return new Arrived("", topic, payload, 1, false, MqttProperties.NO_PROPERTIES);
  }
}
