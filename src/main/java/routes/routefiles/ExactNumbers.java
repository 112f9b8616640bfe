package routes.routefiles;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConverter;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.TypeConverterSupport;

/**
 * Makes Simple compare numbers including their fractions. Camel 4.17 compares two numbers of
 * different types as Long or Integer if both convert to that type. 0.5 converts to 0, so {@code 0.5
 * > 0} is false, and so is {@code > 0.02} for a BigDecimal. This converter rejects such
 * conversions. Camel then compares Doubles.
 *
 * <p>Comparisons convert without an exchange. Conversions with an exchange, of bodies, headers and
 * bean parameters, still drop the fraction.
 */
public final class ExactNumbers extends TypeConverterSupport {
  private static final List<Class<?>> FROM =
      List.of(Long.class, Float.class, Double.class, BigInteger.class, BigDecimal.class);

  private ExactNumbers() {}

  public static void useIn(CamelContext context) {
    TypeConverterRegistry converters = context.getTypeConverterRegistry();
    ExactNumbers exact = new ExactNumbers();
    for (Class<?> from : FROM) {
      converters.addTypeConverter(Integer.class, from, exact);
      converters.addTypeConverter(Long.class, from, exact);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T convertTo(Class<T> type, Exchange exchange, Object value) {
    Number number = (Number) value;
    Number whole =
        type == Integer.class || type == int.class
            ? (Number) number.intValue() // without the cast the int would become a long
            : (Number) number.longValue();
    boolean lossy = whole.doubleValue() != number.doubleValue();
    return (T) (lossy && exchange == null ? TypeConverter.MISS_VALUE : whole);
  }
}
