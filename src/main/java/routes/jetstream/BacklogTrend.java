package routes.jetstream;

import java.util.Arrays;

/** The newest values of a backlog. */
final class BacklogTrend {
  /** Ten minutes, as the server is polled every 5 s. */
  private static final int CAPACITY = 120;

  private final long[] values = new long[CAPACITY];
  private int count;

  synchronized void add(long value) {
    values[count++ % CAPACITY] = value;
    if (count == 2 * CAPACITY) {
      count = CAPACITY; // at the same place
    }
  }

  /** Oldest first. */
  synchronized long[] values() {
    if (count <= CAPACITY) {
      return Arrays.copyOf(values, count);
    }
    long[] ordered = new long[CAPACITY];
    int oldest = count % CAPACITY;
    System.arraycopy(values, oldest, ordered, 0, CAPACITY - oldest);
    System.arraycopy(values, 0, ordered, CAPACITY - oldest, oldest);
    return ordered;
  }
}
