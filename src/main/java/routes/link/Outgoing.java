package routes.link;

import java.util.function.Consumer;

/** A message that is queued for the broker or in flight. */
final class Outgoing {
  final MqttMessage message;
  final boolean reply;
  private final Consumer<Failure> done;

  /** When it was handed over or, after a renewal, queued again, in ns. */
  long start = System.nanoTime();

  /** The size of its packet on the current connection. */
  PublishSize size;

  /** Whether its PUBREL has been sent (QoS 2). */
  boolean released;

  /** Whether it survives the loss of the connection, as the reply to a command does. */
  boolean kept;

  /** How often it was lost with its connection or deferred by the broker. */
  int tries;

  /** Why it failed; meaningful once it has ended. */
  private Failure failure;

  private boolean ended;

  /**
   * @param reply whether it takes turns with the samples rather than queueing behind them
   * @param done called once: with null at the PUBACK, or with the failure
   */
  Outgoing(MqttMessage message, boolean reply, Consumer<Failure> done) {
    this.message = message;
    this.reply = reply;
    this.done = done;
  }

  /** Whether the outcome is settled; a late PUBACK then only frees its slot. */
  boolean ended() {
    return ended;
  }

  void end(Failure why) {
    ended = true;
    failure = why;
  }

  /** Reports the outcome to the sender. */
  void report() {
    done.accept(failure);
  }
}
