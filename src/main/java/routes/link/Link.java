package routes.link;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One connection of an MQTT library to the broker, used once: what {@link DeviceConnection} needs
 * of it.
 *
 * @param <M> the library's message
 */
interface Link<M> {
  /** What a link reports by itself, from its own threads; none may block. */
  interface Events<M> {
    void lost(Failure why);

    void arrived(String topic, M message);

    /** A message of so many bytes was left out. */
    void tooLarge(long bytes);
  }

  /** A link that hasn't connected yet. */
  @FunctionalInterface
  interface Maker<M> {
    Link<M> make(Events<M> events) throws Failure;
  }

  /**
   * Sends CONNECT and waits for its CONNACK. After a failure or an interrupt the link is to be
   * {@link #cut()}.
   */
  Limits connect(Credential credential, Duration timeout) throws Failure, InterruptedException;

  int qos(M message);

  /** Bytes of the payload. */
  int payload(M message);

  /**
   * A message without payload, for a greeting: QoS 1 where a cloud counts messages, so that its
   * PUBACK tells when it has arrived; QoS 0 at the others, as their own clients ask.
   */
  M empty();

  /**
   * Bytes of the PUBLISH packet, at most.
   *
   * @throws Failure for what no packet can hold, at which Paho would end the connection
   */
  long size(String topic, M message) throws Failure;

  /**
   * Sends a message. The future completes once the library has let go of the message's place: at
   * PUBACK, PUBCOMP or, with QoS 0, when it is written; with a {@link Failure} when the broker's
   * reason code is 0x80 or higher (MQTT 5, 2.4).
   */
  CompletableFuture<Void> publish(String topic, M message) throws Failure;

  /** Completes with a {@link Failure} when the broker refuses. */
  CompletableFuture<Void> subscribe(String filter, int qos) throws Failure;

  CompletableFuture<Void> unsubscribe(String filter) throws Failure;

  /** PUBACK for a message that arrived. */
  void acknowledge(M message);

  /**
   * PUBACK with "quota exceeded" (MQTT 5, 3.4.2.1) for a message that isn't taken. MQTT 3.1.1 has
   * no such word: there the message stays unacknowledged, so that its cloud tells the sender or
   * sends it again.
   */
  void refuse(M message);

  /** DISCONNECT; the future completes when it is sent. */
  CompletableFuture<Void> disconnect();

  /** Closes the socket at once; never blocks. */
  void cut();
}
