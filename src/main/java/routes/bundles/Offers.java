package routes.bundles;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The newest offer that nobody has taken yet. A cloud repeats its offer at each connect, and AWS
 * after each report, so the one in progress is not another one.
 */
final class Offers {
  private Offer next;
  private Offer current;

  synchronized void add(Offer offer) {
    if (current == null || !offer.isSame(current)) {
      next = offer;
      notifyAll();
    }
  }

  /** Null if there is none. The offer taken before is done. */
  synchronized Offer take() {
    current = next;
    next = null;
    return current;
  }

  /** Waits for another offer. */
  synchronized boolean arriveWithin(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left; next == null && (left = end - System.nanoTime()) > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return next != null;
  }

  synchronized boolean isEmpty() {
    return next == null;
  }
}
