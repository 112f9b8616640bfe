package routes.routefiles;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Language;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExactNumbersTest {
  private static final DefaultCamelContext CAMEL = new DefaultCamelContext();

  @BeforeAll
  static void start() {
    ExactNumbers.useIn(CAMEL);
    CAMEL.start();
  }

  @AfterAll
  static void stop() throws Exception {
    CAMEL.close();
  }

  /** Number types of a sample and of parsed JSON. */
  static List<Number> numbers() {
    return List.of(
        new BigDecimal("0.5"),
        new BigDecimal("0.001"),
        new BigDecimal("12.5"),
        0.5,
        12.5f,
        0L,
        0,
        1L,
        5,
        -3L,
        3_000_000_000L,
        4_294_967_296L,
        new BigInteger("90071992547409920"));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void simpleComparesTheWholeValue(Number number) {
    Exchange exchange = new DefaultExchange(CAMEL);
    exchange.getIn().setBody(Map.of("used", number));
    Language simple = CAMEL.resolveLanguage("simple");
    double value = number.doubleValue();
    for (String text : List.of("0.02", "0.6", "0.5", "12", "12.4", "0", "5", "-1", "3000000000")) {
      double other = Double.parseDouble(text);
      Map.of(
              ">",
              value > other,
              ">=",
              value >= other,
              "<",
              value < other,
              "<=",
              value <= other,
              "==",
              value == other,
              "!=",
              value != other)
          .forEach(
              (operator, right) ->
                  assertThat(
                          simple
                              .createPredicate("${body[used]} " + operator + " " + text)
                              .matches(exchange))
                      .as("%s %s %s", number, operator, text)
                      .isEqualTo(right));
    }
  }

  @Test
  void conversionsOfBodiesStillDropTheFraction() {
    Exchange exchange = new DefaultExchange(CAMEL);
    exchange.getIn().setBody(new BigDecimal("12.7"));
    assertThat(exchange.getIn().getBody(Long.class)).isEqualTo(12);
    assertThat(exchange.getIn().getBody(int.class)).isEqualTo(12);
    exchange.getIn().setHeader("number", 12.7);
    assertThat(exchange.getIn().getHeader("number", Integer.class)).isEqualTo(12);
    assertThat(exchange.getIn().getHeader("number", long.class)).isEqualTo(12L);
  }
}
