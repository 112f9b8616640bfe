package routes.routefiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.language.jq.JqLanguage;
import org.apache.camel.spi.Language;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.uplink.InvalidMessageException;

class StrictJqTest {
  private static final DefaultCamelContext CAMEL = new DefaultCamelContext();
  private static final String SAMPLE =
      "{\"id\":\"01J\",\"timestamp\":\"2026-11-23T10:00:00Z\",\"name\":\"living room/lamp\","
          + "\"m\":{\"used\":812,\"free\":211.5,\"all\":[1,2,6]}}";

  @BeforeAll
  static void start() {
    CAMEL.getRegistry().bind("jq-language", Language.class, () -> new StrictJq());
    CAMEL.start();
  }

  @AfterAll
  static void stop() throws Exception {
    CAMEL.close();
  }

  private static Exchange message(Object body) {
    Exchange exchange = new DefaultExchange(CAMEL);
    exchange.getIn().setBody(body);
    exchange.getIn().setHeader("topic", "zigbee2mqtt/living room/lamp");
    return exchange;
  }

  private static String evaluate(String jq, Object body) {
    return CAMEL.resolveLanguage("jq").createExpression(jq).evaluate(message(body), String.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        ".m.used - .m.free ~ 600.5",
        ".m.all | add / length ~ 3",
        ".m.all | {min: min, max: max} | tojson ~ {\"min\":1,\"max\":6}",
        ".m.used * 1.8 + 32 | floor ~ 1493.0",
        ".timestamp | fromdate ~ 1795428000",
        "\"2026-11-23T10:00:00.250Z\" | sub(\"[.][0-9]+\";\"\") | fromdate ~ 1795428000",
        "1795428000 | todate ~ 2026-11-23T10:00:00Z",
        "header(\"topic\") | ltrimstr(\"zigbee2mqtt/\") | gsub(\"[^A-Za-z0-9]+\";\"_\") ~ living_room_lamp",
      })
  void numbersDatesAndTextWork(String jq, String expected) {
    assertThat(evaluate(jq, SAMPLE.getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
  }

  @Test
  void acceptsTheSampleAsAMap() {
    Map<String, Object> sample =
        Map.of("metrics", Map.of("utilization", new BigDecimal("0.1312"), "used", 812L));

    assertThat(evaluate(".metrics.utilization + 1", sample)).isEqualTo("1.1312");
    assertThat(
            CAMEL
                .resolveLanguage("jq")
                .createPredicate(".metrics.utilization > 0.02")
                .matches(message(sample)))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({".a,true", ".a - 1,true", ".b,false", ".none,false", "empty,false", ".a > 2,false"})
  void evaluatesConditionsAsJqDoes(String jq, boolean holds) {
    assertThat(
            CAMEL
                .resolveLanguage("jq")
                .createPredicate(jq)
                .matches(message("{\"a\":1,\"b\":false}")))
        .isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource({"{\"a\":{}},jq .a + 1 failed: ", "no JSON,jq .a + 1 failed: "})
  void aMessageThatTheExpressionFailsOnIsInvalid(String body, String says) {
    assertThatThrownBy(() -> evaluate(".a + 1", body))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageStartingWith(says)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "[range(1000000000000)] ~ range yields more than 100000 values",
        "last(range(0; 1; 0.000001)) ~ range yields more than 100000 values",
        "[range(1000) as $i | range(1000)] ~ range yields more than 100000 values",
        "def f: f; f ~ the recursion is too deep or endless",
        "until(false; .) ~ the recursion is too deep or endless",
        "last(recurse(1)) ~ the recursion is too deep or endless",
      })
  void anEndlessExpressionFails(String jq, String says) {
    assertThatThrownBy(() -> evaluate(jq, "{}"))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageEndingWith(" failed: " + says);
  }

  @Test
  void eachMessageMayUseRange() {
    for (int i = 0; i < 3; i++) {
      assertThat(evaluate("[range(50000)] | length", "{}")).isEqualTo("50000");
    }
  }

  /** Evaluating the first two would need gigabytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "\"x\" * 2000000000",
        "null | .[2000000000] = 1",
        "def f($n; g): $n + n | g; f(1; .a)",
        "reduce .[] as [$a, $b] (0; . + $a) | tojson",
        "try error(\"x\") catch \"\\(. | length)\"",
        "{(\"a\" | ascii_downcase): .b?, $__loc__} // @base64",
        ".a[1:2] |= map(. as {x: $x} | $x)",
      })
  void aValidExpressionIsNotEvaluatedWhenItIsLoaded(String jq) {
    CAMEL.resolveLanguage("jq").createExpression(jq);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        ".a | map(.b | mean(1)) ~ mean/1",
        "if .a then 1 else avg end ~ avg/0",
        "\"\\(.a | avg)\" ~ avg/0",
        "{a: (.b | avg)} ~ avg/0",
        "def f: g; f ~ g/0",
        ".[avg:] ~ avg/0",
        "reduce .[] as $x (0; avg) ~ avg/0",
        ".a |= avg ~ avg/0",
        ".a // avg ~ avg/0",
      })
  void anUnknownFunctionIsReportedWhereverItIsCalled(String jq, String says) {
    assertThatThrownBy(() -> CAMEL.resolveLanguage("jq").createExpression(jq))
        .hasMessageContaining("invalid jq: function " + says + " does not exist");
  }

  @Test
  void routesUseThisLanguage() {
    assertThat(CAMEL.resolveLanguage("jq")).isInstanceOf(JqLanguage.class);
  }
}
