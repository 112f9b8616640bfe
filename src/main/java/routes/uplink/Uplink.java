package routes.uplink;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A connection that messages leave by, as a {@code jetstream:} consumer sees it: while it is not
 * connected the consumer leaves its messages in the stream.
 *
 * <p>{@link #connected()} turns false before a publish fails because the connection is lost, so
 * that a failure can be told from a refusal.
 */
public interface Uplink {
  /** What it is called in logs and on the status page. */
  String name();

  boolean connected();

  /**
   * @return whether it is connected, at the latest when {@code timeout} is over
   */
  boolean awaitConnected(Duration timeout) throws InterruptedException;

  /** When {@link #connected()} took its present value. */
  Instant since();

  /** What went wrong last, in one line without secrets; kept when the connection is back. */
  Optional<String> lastError();

  /**
   * Whether {@link #lastError()} is the far side's no to this device, such as a wrong credential;
   * else it can't be reached.
   */
  default boolean refused() {
    return false;
  }

  /**
   * Why the far side, although connected, does not permit this device to send some or all of its
   * messages, in one line; empty if it takes them.
   */
  default Optional<String> forbidden() {
    return Optional.empty();
  }

  /** How many times the connection came back; it only grows. */
  long reconnects();

  /** What a failure says about its message. */
  enum Verdict {
    /** The far side, while connected, or the route itself said no to this message. */
    REFUSED,
    /** The far side, while connected, has no room for it now, or permits no message at all. */
    BUSY,
    /** The far side ended the connection while this message had waited longest for its answer. */
    SUSPECT,
    /** No gateway can send this message: it becomes a dead letter at once. */
    INVALID,
    /** Nothing: the far side could not be reached, or didn't answer in time. */
    AWAY
  }

  /**
   * Judges a failed exchange. Here: a refusal, unless the connection is or was away.
   *
   * @param failure what the exchange failed with
   * @param reconnects {@link #reconnects()} when the message was delivered
   */
  default Verdict verdict(Throwable failure, long reconnects) {
    return connected() && reconnects() == reconnects ? Verdict.REFUSED : Verdict.AWAY;
  }
}
