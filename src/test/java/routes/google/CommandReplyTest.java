package routes.google;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class CommandReplyTest {
  private static String written(String reply) throws Exception {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader("Command-Name", "ping");
    exchange.getMessage().setHeader("Command-Status", 200);
    exchange.getMessage().setBody(reply.getBytes(StandardCharsets.UTF_8));
    new CommandReply().write(exchange);
    return new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8);
  }

  @Test
  void theReplyIsJsonOrAStringOrAbsent() throws Exception {
    assertThat(written("{\"a\":[1]}"))
        .isEqualTo("{\"command\":\"ping\",\"status\":200,\"reply\":{\"a\":[1]}}");
    assertThat(written("pong \"1\""))
        .isEqualTo("{\"command\":\"ping\",\"status\":200,\"reply\":\"pong \\\"1\\\"\"}");
    assertThat(written("1 2"))
        .as("two values are no JSON")
        .isEqualTo("{\"command\":\"ping\",\"status\":200,\"reply\":\"1 2\"}");
    assertThat(written("")).isEqualTo("{\"command\":\"ping\",\"status\":200}");
  }

  @Test
  void aReplyThatCannotGoIsAnAnswerToo() throws Exception {
    assertThat(written("x".repeat(256 * 1024)))
        .startsWith("{\"command\":\"ping\",\"status\":413,\"reply\":\"")
        .endsWith("bytes: at most 262144 can go\"}");
  }
}
