package routes.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a connection to the messages that its cloud takes in any second. What counts is when they
 * arrive there, which nobody here knows: after a stall of the network they arrive together. So a
 * message keeps its place until a second after its PUBACK.
 */
final class Pace {
  private static final Executor IN_A_SECOND =
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, Runnable::run);

  private final boolean any;
  private final Semaphore places;

  /**
   * @param perSecond {@link ConnectionPolicy#ANY_RATE} for a cloud that sets no rate
   */
  Pace(int perSecond) {
    this.any = perSecond == ConnectionPolicy.ANY_RATE;
    // Fair: a command's reply has its turn among the samples.
    this.places = new Semaphore(any ? 0 : perSecond, true);
  }

  /**
   * Waits for a place.
   *
   * @return false when the time is up
   */
  boolean enter(long nanos) throws InterruptedException {
    return any || places.tryAcquire(nanos, TimeUnit.NANOSECONDS);
  }

  /** The message has arrived, or never will. */
  void leave() {
    if (!any) {
      IN_A_SECOND.execute(places::release);
    }
  }
}
