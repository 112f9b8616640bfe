package routes.jetstream;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Limits the number and total size of the messages in flight. */
final class Window {
  private static final long BYTES = 8 << 20;
  private static final Duration GATHER = Duration.ofMillis(5);

  private final int size;
  private int free;
  private long bytes;
  private int wanted = Integer.MAX_VALUE;
  private long room;

  Window(int size) {
    this.size = size;
    this.free = size;
  }

  /**
   * Takes free slots: waits briefly for a quarter of the window, then for at least one slot.
   *
   * @param most how many to take at most
   * @param largest size of a message for which there must be room
   * @return how many were taken; 0 after {@code timeout}
   */
  synchronized int take(int most, long largest, Duration timeout) throws InterruptedException {
    int some = Math.max(1, Math.min(most, size / 4));
    if (!await(some, largest, GATHER) && !await(1, largest, timeout)) {
      return 0;
    }
    int taken = Math.min(free, most);
    free -= taken;
    return taken;
  }

  private boolean await(int slots, long largest, Duration timeout) throws InterruptedException {
    wanted = slots;
    room = largest;
    long deadline = System.nanoTime() + timeout.toNanos();
    for (long left = 1; !fits() && left > 0; left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
    }
    boolean fits = fits();
    wanted = Integer.MAX_VALUE;
    return fits;
  }

  private boolean fits() {
    return free >= wanted && bytesLeft(room) >= room;
  }

  /** How many more bytes may arrive; always enough for one message of the largest size. */
  synchronized long bytesLeft(long largest) {
    return Math.max(BYTES, largest) - bytes;
  }

  /** A message arrived in a slot that was taken. */
  synchronized void arrived(long size) {
    bytes += size;
  }

  /** A message is no longer in flight. */
  synchronized void left(long size) {
    bytes -= size;
    release(1);
  }

  /** Frees slots that no message arrived in. */
  synchronized void release(int slots) {
    free += slots;
    if (wanted <= size && fits()) {
      notifyAll();
    }
  }
}
