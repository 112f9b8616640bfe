package routes.sample;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers by path, as the objects within objects that they become in JSON. */
final class Tree {
  private static final MathContext FOUR_DIGITS = new MathContext(4);
  private static final double EXACT_LONG = 1L << 53;

  private final Map<String, Object> root = new LinkedHashMap<>();

  void put(String[] path, double value) {
    Map<String, Object> node = root;
    for (int i = 0; i < path.length - 1; i++) {
      node = child(node, path[i]);
    }
    String last = path[path.length - 1];
    // An object is here already: the number moves into it.
    while (node.get(last) instanceof Map) {
      node = child(node, last);
      last = "value";
    }
    node.put(last, number(value));
  }

  Map<String, Object> asMap() {
    return root;
  }

  private static Map<String, Object> child(Map<String, Object> node, String key) {
    Object present = node.get(key);
    if (present instanceof Map) {
      @SuppressWarnings("unchecked")
      Map<String, Object> child = (Map<String, Object>) present;
      return child;
    }
    Map<String, Object> child = new LinkedHashMap<>();
    if (present != null) {
      child.put("value", present);
    }
    node.put(key, child);
    return child;
  }

  /**
   * Whole numbers stay whole; others keep four decimals, below 1 four digits, so that small ones
   * don't become 0. Neither has an exponent in JSON, which a Double would have from ten million on.
   */
  static Number number(double value) {
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
