package routes.mqtt;

/**
 * What the broker announced in its CONNACK (MQTT 5, 3.2.2.3).
 *
 * @param receiveMaximum QoS 1 and 2 messages it takes at once before it has acknowledged one
 * @param maximumPacketSize bytes of the largest packet it takes
 * @param maximumQos the highest QoS it takes
 */
record Limits(int receiveMaximum, long maximumPacketSize, int maximumQos) {
  /** A broker that announces nothing. */
  static final Limits NONE = new Limits(65_535, Long.MAX_VALUE, 2);
}
