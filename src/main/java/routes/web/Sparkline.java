package routes.web;

import java.util.Arrays;

/** A line without axes, as SVG. */
final class Sparkline {
  private static final int WIDTH = 120;
  private static final int HEIGHT = 28;

  /** A single message must not look like a peak. */
  private static final long LOWEST_TOP = 4;

  private Sparkline() {}

  /**
   * Draws values from left to right; the lowest line is 0.
   *
   * @param values negative ones are gaps
   */
  static String svg(long[] values) {
    long max = Math.max(LOWEST_TOP, Arrays.stream(values).max().orElse(0));
    double step = (double) WIDTH / Math.max(1, values.length - 1);
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int i = 0; i < values.length; i++) {
      if (values[i] >= 0) {
        double y = HEIGHT - 1.5 - values[i] * (HEIGHT - 3.0) / max;
        path.append(drawing ? 'L' : 'M').append(tenths(i * step)).append(' ').append(tenths(y));
      }
      drawing = values[i] >= 0;
    }
    return "<svg class=\"spark\" viewBox=\"0 0 "
        + WIDTH
        + " "
        + HEIGHT
        + "\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\""
        + path
        + "\"/></svg>";
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
