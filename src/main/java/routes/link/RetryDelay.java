package routes.link;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import routes.link.Failure.Kind;
import routes.uplink.Backoff;

/**
 * Pauses between attempts to connect: a few short ones after a stable connection was lost, then an
 * exponential back-off. Used on the event loop only.
 */
final class RetryDelay {
  /** How long a connection must last to be stable: with a PUBACK, and without. */
  private static final Duration STABLE = Duration.ofMillis(500);

  private static final Duration STABLE_IDLE = Duration.ofSeconds(10);

  /** The limits of the early pauses, ms: the first is 0 to 250 ms long. */
  private static final int[] EARLY = {0, 250, 500, 1_000};

  private static final int NONE = EARLY.length - 1;

  private final ConnectionPolicy policy;
  private Backoff backoff;
  private int early = NONE;

  RetryDelay(ConnectionPolicy policy) {
    this.policy = policy;
    this.backoff = new Backoff(policy.reconnectMin(), policy.reconnectMax());
  }

  /**
   * A connection that was up has ended.
   *
   * @param published whether the broker acknowledged a message on it
   * @return whether it was stable
   */
  boolean ended(Duration lasted, boolean published) {
    boolean stable = lasted.compareTo(published ? STABLE : STABLE_IDLE) > 0;
    early = stable ? 0 : NONE;
    if (stable) {
      backoff = new Backoff(policy.reconnectMin(), policy.reconnectMax());
    }
    return stable;
  }

  /** The next pause. A broker that named a reason to wait gets no early retry. */
  Duration after(Kind why) {
    if (why != Kind.CLOSED && why != Kind.UNREACHABLE) {
      early = NONE;
    }
    if (early < NONE && (early == 0 || EARLY[early] < policy.reconnectMin().toMillis())) {
      int least = EARLY[early++];
      return Duration.ofMillis(ThreadLocalRandom.current().nextInt(least, EARLY[early]));
    }
    return why == Kind.REFUSED ? backoff.afterRefusal() : backoff.next();
  }
}
