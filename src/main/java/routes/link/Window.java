package routes.link;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The messages of one connection that may be in flight at once. A message keeps its place until the
 * broker has acknowledged it or the connection is gone, even if nobody waits for it any more: the
 * broker counts it too (MQTT 5, 4.9).
 */
final class Window {
  private static final int WAITERS = 1_000_000;

  private final int size;
  private final Semaphore places;
  private volatile boolean shut;

  Window(int size) {
    this.size = size;
    this.places = new Semaphore(size);
  }

  /**
   * Waits for a place.
   *
   * @return false when the time is up; true, without a place, when the window was shut
   */
  boolean enter(long nanos) throws InterruptedException {
    return places.tryAcquire(nanos, TimeUnit.NANOSECONDS);
  }

  void leave() {
    places.release();
  }

  /** Lets everyone go who waits for a place. */
  void shut() {
    shut = true;
    places.release(WAITERS);
  }

  int taken() {
    return shut ? 0 : Math.max(0, size - places.availablePermits());
  }
}
