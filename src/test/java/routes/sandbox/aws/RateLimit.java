package routes.sandbox.aws;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** Limits events to a number within any second. */
final class RateLimit {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int most;
  private final Deque<Long> taken = new ArrayDeque<>();

  RateLimit(int most) {
    this.most = most;
  }

  /** Accepts one unless there were too many in the last second. */
  boolean take(long nanoTime) {
    while (!taken.isEmpty() && nanoTime - taken.peekFirst() >= SECOND) {
      taken.removeFirst();
    }
    if (taken.size() >= most) {
      return false;
    }
    taken.addLast(nanoTime);
    return true;
  }
}
