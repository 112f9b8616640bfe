package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import routes.Fuzz;
import routes.uplink.Command;
import routes.uplink.Json;
import routes.uplink.Reply;

class CommandsFuzzTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void json() {
    Fuzz.bytes(
        bytes -> {
          boolean json = Json.isJson(bytes);
          assertThat(Json.read(bytes).isPresent()).isEqualTo(json);
          return json;
        },
        bytes("{\"a\":[1,2.5e3,null,true,{\"b\":\"\u00fc\\u00fc\"}],\"c\":{}}"),
        bytes("[[[[]]]]"),
        bytes(" 7 "),
        bytes(""));
  }

  @Test
  void periods() {
    Fuzz.text(
        text ->
            Period.parse(text)
                .map(
                    period -> {
                      assertThat(period).isBetween(Duration.ofMillis(500), Duration.ofDays(1));
                      assertThat(Period.parse(Period.text(period))).contains(period);
                      return true;
                    })
                .orElse(false),
        "500ms",
        "90s",
        "24h",
        "1d");
  }

  /** Only well-formed and allowed commands pass, and every command is answered. */
  @Test
  void answersEveryCommand() throws Exception {
    CommandTarget echo =
        (name, payload, patient, begin) -> {
          assertThat(name).matches("[A-Za-z0-9_-]{1,64}");
          assertThat(Json.isJson(payload)).isTrue();
          return CompletableFuture.completedFuture(new Reply(200, payload));
        };
    CommandSettings settings =
        new CommandSettings(Set.of("*"), Duration.ofSeconds(1), Optional.empty());
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Commands commands = new Commands(settings, echo, new CommandMeters(meters, settings.allow()));
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      Fuzz.text(
          text -> {
            String[] parts = text.split("\\|", 2);
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setHeader(Command.NAME, parts[0]);
            exchange
                .getMessage()
                .setBody(
                    parts.length < 2
                        ? new byte[0]
                        : parts[1].getBytes(StandardCharsets.ISO_8859_1));
            assertThat(commands.process(exchange, inTime -> {})).isTrue();
            int status = exchange.getMessage().getHeader(Command.STATUS, Integer.class);
            byte[] answer = exchange.getMessage().getBody(byte[].class);
            assertThat(status).isIn(200, 400, 413);
            assertThat(Json.isJson(answer)).isTrue();
            // 64 names and "other", each with the three statuses above.
            assertThat(meters.getMeters()).hasSizeLessThanOrEqualTo(65 * 3);
            return status == 200;
          },
          "ping|{}",
          "collect-period|{\"period\":\"5s\"}",
          "a_B-9|");
    }
  }
}
