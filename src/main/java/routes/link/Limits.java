package routes.link;

import routes.link.Failure.Kind;

/**
 * What the broker accepts: as its CONNACK announces (MQTT 5, 3.2.2.3) and as its manual says.
 *
 * @param receiveMaximum messages of QoS 1 and 2 that it accepts before it has acknowledged one
 * @param maximumPacketSize bytes of the largest packet
 * @param maximumQos the highest QoS
 * @param largestPayload bytes of the largest payload
 */
record Limits(int receiveMaximum, long maximumPacketSize, int maximumQos, int largestPayload) {
  /**
   * Returns why the broker would refuse a message, often by ending the connection; null if it would
   * not.
   *
   * @param size bytes of the PUBLISH packet
   */
  Failure check(MqttMessage message, long size) {
    if (message.payload().length > largestPayload) {
      return tooLarge("payload has " + message.payload().length, "this cloud", largestPayload);
    }
    if (size > maximumPacketSize) {
      return tooLarge("message takes " + size, "the broker", maximumPacketSize);
    }
    if (message.qos() > maximumQos && maximumQos == 0) {
      return new Failure(Kind.REFUSED, "the broker accepts QoS 0 only: it acknowledges nothing");
    }
    return null;
  }

  private static Failure tooLarge(String what, String who, long most) {
    return new Failure(
        Kind.REFUSED, "too large: the " + what + " bytes, " + who + " accepts at most " + most);
  }
}
