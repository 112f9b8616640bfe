package routes.vendors;

import java.time.Duration;
import java.util.BitSet;

/** The numbered messages that reached a subscriber. */
final class Arrivals {
  private static final Duration LAG = Duration.ofSeconds(10);

  private final BitSet numbers = new BitSet();
  private int duplicates;
  private int redelivered;

  /**
   * @param dup whether the broker had sent it before
   */
  synchronized void add(int number, boolean dup) {
    if (!numbers.get(number)) {
      numbers.set(number);
    } else if (dup) {
      redelivered++;
    } else {
      duplicates++;
    }
  }

  /** Number of different messages. */
  synchronized int count() {
    return numbers.cardinality();
  }

  /** Number of repeated messages without DUP, which the gateway sent twice. */
  synchronized int duplicates() {
    return duplicates;
  }

  /** Number of repeated messages with DUP, which the broker sent twice. */
  synchronized int redelivered() {
    return redelivered;
  }

  /**
   * The messages that have not arrived. Waits some time, because a subscriber may lag behind its
   * broker.
   */
  BitSet missing(BitSet expected) throws InterruptedException {
    long end = System.nanoTime() + LAG.toNanos();
    BitSet missing = (BitSet) expected.clone();
    while (true) {
      synchronized (this) {
        missing.andNot(numbers);
      }
      if (missing.isEmpty() || System.nanoTime() > end) {
        return missing;
      }
      Thread.sleep(50);
    }
  }
}
