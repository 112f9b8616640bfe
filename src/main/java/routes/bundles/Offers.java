package routes.bundles;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The newest offer that nobody has taken yet. */
final class Offers {
  private Offer next;

  synchronized void add(Offer offer) {
    next = offer;
    notifyAll();
  }

  /** Null if there is none. */
  synchronized Offer take() {
    Offer offer = next;
    next = null;
    return offer;
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
