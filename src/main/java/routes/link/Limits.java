package routes.link;

import routes.link.Failure.Kind;

/**
 * What the broker takes: as it announced in its CONNACK (MQTT 5, 3.2.2.3), and as its manual says.
 *
 * @param receiveMaximum QoS 1 and 2 messages it takes at once before it has acknowledged one
 * @param maximumPacketSize bytes of the largest packet it takes
 * @param maximumQos the highest QoS it takes
 * @param largestPayload bytes of the largest payload it takes
 */
record Limits(int receiveMaximum, long maximumPacketSize, int maximumQos, int largestPayload) {
  /** A broker that announces nothing. */
  static final Limits NONE = new Limits(65_535, Long.MAX_VALUE, 2);

  Limits(int receiveMaximum, long maximumPacketSize, int maximumQos) {
    this(receiveMaximum, maximumPacketSize, maximumQos, Integer.MAX_VALUE);
  }

  Limits withLargestPayload(int bytes) {
    return new Limits(receiveMaximum, maximumPacketSize, maximumQos, bytes);
  }

  /**
   * @throws Failure for a message that the broker would refuse, often with the whole connection
   */
  <M> void check(Link<M> link, String topic, M message) throws Failure {
    if (link.payload(message) > largestPayload) {
      throw tooLarge("payload has " + link.payload(message), "this cloud", largestPayload);
    }
    long size = link.size(topic, message);
    if (size > maximumPacketSize) {
      throw tooLarge("message takes " + size, "the broker", maximumPacketSize);
    }
    // Paho would lower the QoS silently, and take a message for delivered that is only sent.
    if (link.qos(message) > 0 && maximumQos == 0) {
      throw new Failure(Kind.REFUSED, "the broker accepts QoS 0 only: it acknowledges nothing");
    }
  }

  private static Failure tooLarge(String what, String who, long most) {
    return new Failure(
        Kind.REFUSED, "too large: the " + what + " bytes, " + who + " accepts at most " + most);
  }
}
