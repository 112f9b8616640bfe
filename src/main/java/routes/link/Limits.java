package routes.link;

import routes.link.Failure.Kind;

/**
 * What the broker accepts, according to its CONNACK (MQTT 5, 3.2.2.3) and its manual.
 *
 * @param receiveMaximum unacknowledged messages of QoS 1 and 2 that it accepts at a time
 * @param maximumPacketSize bytes of the largest packet
 * @param maximumQos the highest QoS
 * @param retains whether it retains messages
 * @param largestPayload bytes of the largest payload
 */
record Limits(
    int receiveMaximum,
    long maximumPacketSize,
    int maximumQos,
    boolean retains,
    int largestPayload) {
  /**
   * Returns why the broker would refuse a message, often by closing the connection; null if it
   * would not.
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
      return new Failure(Kind.REFUSED, "the broker accepts only QoS 0 and acknowledges nothing");
    }
    return null;
  }

  private static Failure tooLarge(String what, String who, long most) {
    return new Failure(
        Kind.REFUSED, "too large: the " + what + " bytes; " + who + " accepts at most " + most);
  }
}
