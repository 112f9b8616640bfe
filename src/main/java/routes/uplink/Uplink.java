package routes.uplink;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A {@code jetstream:} consumer's view of the outgoing connection. While it is not connected, the
 * consumer leaves its messages in the stream.
 *
 * <p>{@link #connected()} turns false before a publish fails because of a lost connection, so that
 * an outage can be distinguished from a refusal.
 */
public interface Uplink {
  /** The name in logs and on the status page. */
  String name();

  boolean connected();

  /**
   * @return whether it is connected, at the latest after {@code timeout}
   */
  boolean awaitConnected(Duration timeout) throws InterruptedException;

  /** When {@link #connected()} last changed. */
  Instant since();

  /** The last error, in one line without secrets; kept after a reconnect. */
  Optional<String> lastError();

  /**
   * Whether {@link #lastError()} is a refusal of this device, such as a wrong credential; otherwise
   * the far side is unreachable.
   */
  default boolean refused() {
    return false;
  }

  /**
   * Why the far side, although connected, does not permit this device to send some or all of its
   * messages, in one line; empty if it permits them.
   */
  default Optional<String> forbidden() {
    return Optional.empty();
  }

  /** Whether another replica is connected in place of this one, which takes over if needed. */
  default boolean standby() {
    return false;
  }

  /** The number of reconnects since the process started. */
  long reconnects();

  /** The meaning of a failure for its message. */
  enum Verdict {
    /** The connected far side, or the route itself, refused this message. */
    REFUSED,
    /** The connected far side has no capacity now, or permits no message at all. */
    BUSY,
    /** The far side ended the connection while this message had waited longest for its PUBACK. */
    SUSPECT,
    /** No gateway can send this message; it becomes a dead letter at once. */
    INVALID,
    /** None: the far side was unreachable or timed out. */
    AWAY
  }

  /**
   * Judges a failed exchange; by default a refusal, unless the connection is or was lost.
   *
   * @param failure the exchange's exception
   * @param reconnects {@link #reconnects()} when the message was delivered
   */
  default Verdict verdict(Throwable failure, long reconnects) {
    return connected() && reconnects() == reconnects ? Verdict.REFUSED : Verdict.AWAY;
  }
}
