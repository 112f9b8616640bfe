package routes.routefiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Language;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NestedFunctionsTest {
  private final DefaultCamelContext camel = new DefaultCamelContext();
  private Language simple;

  @BeforeEach
  void language() {
    NestedFunctions.useIn(camel);
    camel.start();
    simple = camel.resolveLanguage("simple");
  }

  @AfterEach
  void stop() throws Exception {
    camel.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${average(${body})}",
        "used: ${average(${body[used]})} of ${body[limit]}",
        "${bean:type:java.lang.String?method=valueOf(${average(${body})})}",
        "$simple{average($simple{body})}",
        "${header[${average(${body})}]}"
      })
  void rejectsAnUnknownFunctionWhenItsRouteIsCreated(String text) {
    assertThatThrownBy(() -> simple.createExpression(text))
        .hasMessageContaining("Unknown function: average");
    assertThatThrownBy(() -> simple.createPredicate(text + " == 1"))
        .hasMessageContaining("Unknown function: average");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${header[${body}]}",
        "${header.${body}}",
        "${${header.name}(x)}",
        "${b${header.rest}}",
        "${random(${body},${header.most})}",
        "${date:now:${header.pattern}}",
        "${bean:${header.bean}?method=x}",
        "${bean:sampler?method=x(${body})}",
        "${replace(a,b,${body})}",
        "${map(a,${body})}",
        "{\"a\":{\"b\":${body}}}",
        "no function"
      })
  void acceptsOtherText(String text) {
    simple.createExpression(text);
  }

  @Test
  void evaluatesNestedFunctions() {
    DefaultExchange exchange = new DefaultExchange(camel);
    exchange.getIn().setBody("key");
    exchange.getIn().setHeader("key", "value");
    assertThat(simple.createExpression("<${header[${body}]}>").evaluate(exchange, String.class))
        .isEqualTo("<value>");
    assertThat(simple.createPredicate("${header[${body}]} == 'value'").matches(exchange)).isTrue();
  }
}
