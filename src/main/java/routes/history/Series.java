package routes.history;

/**
 * The values of one number, combined per step: mean, minimum and maximum. The value of a counter is
 * its rate per second between two samples.
 */
final class Series {
  private final boolean counter;
  private final double[] sum;
  private final double[] min;
  private final double[] max;
  private final int[] count;
  private double last = Double.NaN;
  private long lastMillis;

  /**
   * @param points number of steps
   */
  Series(boolean counter, int points) {
    this.counter = counter;
    this.sum = new double[points];
    this.min = new double[points];
    this.max = new double[points];
    this.count = new int[points];
  }

  /**
   * @param point the step that the sample belongs to
   * @param millis time of the sample
   */
  void add(int point, long millis, double value) {
    if (!counter) {
      add(point, value);
      return;
    }
    // A smaller value is a restart, after which the increase is unknown.
    if (value >= last && millis > lastMillis) {
      add(point, (value - last) * 1000 / (millis - lastMillis));
    }
    last = value;
    lastMillis = millis;
  }

  private void add(int point, double value) {
    min[point] = count[point] == 0 ? value : Math.min(min[point], value);
    max[point] = count[point] == 0 ? value : Math.max(max[point], value);
    sum[point] += value;
    count[point]++;
  }

  boolean isCounter() {
    return counter;
  }

  /** Whether the step has no value. */
  boolean isEmpty(int point) {
    return count[point] == 0;
  }

  double mean(int point) {
    return sum[point] / count[point];
  }

  double min(int point) {
    return min[point];
  }

  double max(int point) {
    return max[point];
  }
}
