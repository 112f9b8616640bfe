package routes.host;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import oshi.hardware.CentralProcessor.TickType;

/**
 * Measures how busy the processors were over a period, however often they are read meanwhile. Keeps
 * the ticks of a few moments and compares the newest with those of a period ago.
 */
final class CpuWindow {
  /** In milliseconds; ticks that run backwards further have been reset. */
  private static final long JITTER = 3000;

  private final Supplier<Duration> period;
  private final LongSupplier nanos;
  private final Deque<Moment> moments = new ArrayDeque<>();
  private Moment from;
  private Moment to;

  /**
   * @param period called for each reading, since a command may change it
   */
  CpuWindow(Supplier<Duration> period, LongSupplier nanos) {
    this.period = period;
    this.nanos = nanos;
  }

  /**
   * @param ticks by the processor's name
   */
  void add(Map<String, long[]> ticks) {
    long nanosOfPeriod = period.get().toNanos();
    to = new Moment(nanos.getAsLong(), Map.copyOf(ticks));
    // The newest moment that is at least a period old, otherwise the oldest one. Timers sometimes
    // fire a little early, so nine tenths count as a period.
    while (moments.size() > 1 && age(second()) >= nanosOfPeriod / 10 * 9) {
      moments.removeFirst();
    }
    from = moments.peekFirst();
    // Ten moments per period are enough, however often someone scrapes.
    if (moments.isEmpty() || age(moments.peekLast()) >= nanosOfPeriod / 10) {
      moments.addLast(to);
    }
  }

  /** From 0 to 1; NaN if there is only one moment, or the ticks have run backwards since. */
  double utilization(String processor) {
    return from == null || !from.ticks.containsKey(processor) || !to.ticks.containsKey(processor)
        ? Double.NaN
        : busy(from.ticks.get(processor), to.ticks.get(processor));
  }

  private static double busy(long[] from, long[] to) {
    long total = 0;
    long busy = 0;
    for (TickType type : TickType.values()) {
      int i = type.getIndex();
      boolean idle = type == TickType.IDLE || type == TickType.IOWAIT;
      if (to[i] < from[i] && !(idle && isJitter(from[i], to[i]))) {
        return Double.NaN;
      }
      long passed = Math.max(0, to[i] - from[i]);
      total += passed;
      busy += idle ? 0 : passed;
    }
    return total == 0 ? Double.NaN : (double) busy / total;
  }

  /** Whether ticks ran backwards no further than Linux allows for idle and iowait. */
  static boolean isJitter(long from, long to) {
    return to < from && from - to < JITTER;
  }

  private Moment second() {
    var iterator = moments.iterator();
    iterator.next();
    return iterator.next();
  }

  private long age(Moment moment) {
    return to.nanos - moment.nanos;
  }

  private record Moment(long nanos, Map<String, long[]> ticks) {}
}
