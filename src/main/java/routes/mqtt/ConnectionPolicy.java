package routes.mqtt;

import java.time.Duration;

/**
 * How a gateway's connection behaves, whatever MQTT it speaks.
 *
 * @param name the gateway's, as the setting gateways spells it
 * @param peer what the log says it is connected to, such as localhost:1883
 * @param inFlight messages that may wait for their PUBACK at once
 * @param publishTimeout how long a message may wait for it
 * @param reconnectMin the least pause between two tries to connect
 * @param reconnectMax the longest
 */
record ConnectionPolicy(
    String name,
    String peer,
    int inFlight,
    Duration publishTimeout,
    Duration reconnectMin,
    Duration reconnectMax) {
  /** For TCP, for TLS and for the CONNACK. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
}
