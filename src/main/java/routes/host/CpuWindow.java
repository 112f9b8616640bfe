package routes.host;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import oshi.hardware.CentralProcessor.TickType;

/**
 * How busy the processors were over a period, however often they are read in between: it keeps the
 * ticks of a few moments, and compares the newest with those of a period ago.
 */
final class CpuWindow {
  private final Supplier<Duration> period;
  private final LongSupplier nanos;
  private final Deque<Moment> moments = new ArrayDeque<>();
  private Moment from;
  private Moment to;

  /**
   * @param period asked for at each reading, for a command may change it
   */
  CpuWindow(Supplier<Duration> period, LongSupplier nanos) {
    this.period = period;
    this.nanos = nanos;
  }

  void add(long[] ticks, long[][] logicalTicks) {
    long nanosOfPeriod = period.get().toNanos();
    to = new Moment(nanos.getAsLong(), ticks, logicalTicks);
    // The newest moment that is a period old, or the oldest there is. Timers are a little early now
    // and then: nine tenths count as a period.
    while (moments.size() > 1 && age(second()) >= nanosOfPeriod / 10 * 9) {
      moments.removeFirst();
    }
    from = moments.peekFirst();
    // Ten moments a period are enough, however often someone scrapes.
    if (moments.isEmpty() || age(moments.peekLast()) >= nanosOfPeriod / 10) {
      moments.addLast(to);
    }
  }

  /** From 0 to 1; NaN when there is only one moment. */
  double utilization() {
    return from == null ? Double.NaN : busy(from.ticks, to.ticks);
  }

  double logicalUtilization(int processor) {
    return from == null || processor >= from.logicalTicks.length
        ? Double.NaN
        : busy(from.logicalTicks[processor], to.logicalTicks[processor]);
  }

  int logicalCount() {
    return to.logicalTicks.length;
  }

  private static double busy(long[] from, long[] to) {
    long total = 0;
    for (int i = 0; i < to.length; i++) {
      // Linux lets iowait run backwards a little.
      total += Math.max(0, to[i] - from[i]);
    }
    long idle = Math.max(0, delta(from, to, TickType.IDLE));
    long waiting = Math.max(0, delta(from, to, TickType.IOWAIT));
    return total == 0 ? Double.NaN : (double) (total - idle - waiting) / total;
  }

  private static long delta(long[] from, long[] to, TickType type) {
    return to[type.getIndex()] - from[type.getIndex()];
  }

  private Moment second() {
    var iterator = moments.iterator();
    iterator.next();
    return iterator.next();
  }

  private long age(Moment moment) {
    return to.nanos - moment.nanos;
  }

  private record Moment(long nanos, long[] ticks, long[][] logicalTicks) {}
}
