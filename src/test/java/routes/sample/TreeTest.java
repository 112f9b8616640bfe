package routes.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class TreeTest {
  private final Tree tree = new Tree();

  @Test
  void aNumberAtThePathOfAnObjectBecomesItsValue() throws JsonProcessingException {
    put(1, "orders", "failed");
    put(2, "orders");

    assertThat(json()).isEqualTo("{'orders':{'failed':1,'value':2}}");
  }

  @Test
  void anObjectAtThePathOfANumberKeepsItAsItsValue() throws JsonProcessingException {
    put(2, "orders");
    put(1, "orders", "failed");

    assertThat(json()).isEqualTo("{'orders':{'value':2,'failed':1}}");
  }

  @Test
  void aValueReplacedByAnObjectMovesIntoIt() throws JsonProcessingException {
    put(1, "orders", "value", "net");
    put(2, "orders");

    assertThat(json()).isEqualTo("{'orders':{'value':{'net':1,'value':2}}}");
  }

  @Test
  void wholeNumbersStayWhole() {
    assertThat(number(0)).isEqualTo("0");
    assertThat(number(-0.0)).isEqualTo("0");
    assertThat(number(12345678)).isEqualTo("12345678");
    assertThat(number(9007199254740993.0)).isEqualTo("9007199254740992");
    assertThat(number(1e19)).isEqualTo("10000000000000000000");
  }

  @Test
  void otherNumbersKeepFourDecimalsOrFourDigits() {
    assertThat(number(0.131249)).isEqualTo("0.1312");
    assertThat(number(0.99999)).isEqualTo("1");
    assertThat(number(12345678.91239)).isEqualTo("12345678.9124");
    assertThat(number(-2.50001)).isEqualTo("-2.5");
    assertThat(number(4e15 + 0.5)).isEqualTo("4000000000000000.5");
  }

  @Test
  void aSmallNumberIsNeverRoundedToZero() {
    assertThat(number(0.000012345678)).isEqualTo("0.00001235");
    assertThat(Double.parseDouble(number(1.23456e-30))).isEqualTo(1.235e-30);
  }

  private void put(double value, String... path) {
    tree.put(path, value);
  }

  private String json() throws JsonProcessingException {
    return new ObjectMapper().writeValueAsString(tree.asMap()).replace('"', '\'');
  }

  private static String number(double value) {
    try {
      return new ObjectMapper().writeValueAsString(Rounded.number(value));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
