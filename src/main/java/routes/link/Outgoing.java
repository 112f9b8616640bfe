package routes.link;

import java.util.function.Consumer;

/** A message on its way to the broker. */
final class Outgoing {
  final MqttMessage message;
  final boolean reply;
  private final Consumer<Failure> done;

  /** When it was handed over or, after a renewal, queued again; ns. */
  long start = System.nanoTime();

  /** Bytes of its packet. */
  long size;

  /** Whether its PUBREL is out (QoS 2). */
  boolean released;

  /** Whether it outlives the connection: a reply whose sender still wants it. */
  boolean kept;

  /** How often it was lost with its connection, or put off by the broker. */
  int tries;

  /** Why it failed; meaningful once it has ended. */
  private Failure failure;

  private boolean ended;

  /**
   * @param reply whether it takes turns with the samples rather than queue behind them
   * @param done called once: with null at the PUBACK, or with the failure
   */
  Outgoing(MqttMessage message, boolean reply, Consumer<Failure> done) {
    this.message = message;
    this.reply = reply;
    this.done = done;
  }

  /** Whether its sender knows the outcome; a late PUBACK then only frees its place. */
  boolean ended() {
    return ended;
  }

  void end(Failure why) {
    ended = true;
    failure = why;
  }

  /** Tells its sender. */
  void tell() {
    done.accept(failure);
  }
}
