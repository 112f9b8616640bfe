package routes.sample;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as they are written in JSON. */
public final class Rounded {
  private static final MathContext FOUR_DIGITS = new MathContext(4);
  private static final double EXACT_LONG = 1L << 53;

  private Rounded() {}

  /**
   * Rounds a finite number. Whole numbers stay whole. Others keep four decimals or, below 1, four
   * digits, so that small ones do not become 0. Neither has an exponent in JSON, as a Double would
   * have from ten million on.
   */
  public static Number number(double value) {
    if (value == Math.rint(value)) {
      return Math.abs(value) < EXACT_LONG
          ? (Number) (long) value
          : new BigDecimal(value).toBigInteger();
    }
    BigDecimal rounded =
        Math.abs(value) < 1
            ? BigDecimal.valueOf(value).round(FOUR_DIGITS)
            : BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_UP);
    rounded = rounded.stripTrailingZeros();
    return rounded.scale() <= 0 ? (Number) rounded.longValueExact() : rounded;
  }
}
