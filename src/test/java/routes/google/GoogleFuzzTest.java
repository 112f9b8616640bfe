package routes.google;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.apache.camel.component.paho.PahoConstants;
import org.junit.jupiter.api.Test;
import routes.Certificates;
import routes.Fuzz;
import routes.commands.Commands;

class GoogleFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void messagesOfTheRegistryAndTheirReplies() throws Exception {
    InboundMessage inbound = new InboundMessage("edge-1", new SimpleMeterRegistry());
    CommandReply reply = new CommandReply();
    Fuzz.messages(
        PahoConstants.MQTT_TOPIC,
        exchange -> {
          try {
            inbound.read(exchange);
            if (exchange.getMessage().getHeader(Commands.NAME) == null) {
              return Boolean.TRUE.equals(exchange.getProperty(InboundMessage.CONFIG));
            }
            // The command's own payload comes back as its reply.
            exchange.getMessage().setHeader(Commands.STATUS, 200);
            reply.write(exchange);
            JsonNode answer = JSON.readTree(exchange.getMessage().getBody(byte[].class));
            assertThat(answer.path("command").isTextual()).isTrue();
            return true;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        "/devices/edge-1/commands/ping|{\"id\":7}",
        "/devices/edge-1/commands|{\"command\":\"ping\",\"payload\":{\"a\":[1]},\"id\":\"x\"}",
        "/devices/edge-1/config|{\"fan\":1}");
  }

  /** Of any lifetime and at any time, exp is iat and the lifetime. */
  @Test
  void tokens() {
    SigningKey key = new SigningKey(Certificates.ec().getPrivate(), JwsAlgorithm.ES256);
    Fuzz.text(
        text -> {
          String[] parts = text.split(",");
          long now;
          long seconds;
          try {
            now = Math.floorMod(Long.parseLong(parts[0]), 1L << 40);
            seconds = 1 + Math.floorMod(Long.parseLong(parts[1]), 86_400);
          } catch (IndexOutOfBoundsException | NumberFormatException e) {
            return false;
          }
          Clock clock = Clock.fixed(Instant.ofEpochSecond(now), ZoneOffset.UTC);
          String token = new Jwt("my-project", Duration.ofSeconds(seconds), clock).token(key);
          String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
          assertThat(claims)
              .isEqualTo(
                  "{\"iat\":" + now + ",\"exp\":" + (now + seconds) + ",\"aud\":\"my-project\"}");
          return true;
        },
        "1893456000,3600",
        "0,0");
  }
}
