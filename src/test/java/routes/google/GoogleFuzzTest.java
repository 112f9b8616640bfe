package routes.google;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import routes.Certificates;
import routes.Fuzz;
import routes.link.MalformedMessageException;
import routes.link.MqttMessage;
import routes.uplink.Command;
import routes.uplink.Inbound;
import routes.uplink.Json;
import routes.uplink.Reply;

class GoogleFuzzTest {
  @Test
  void messagesFromTheRegistryAndReplies() {
    GoogleTopics topics = new GoogleTopics("edge-1");
    GoogleCommands commands = new GoogleCommands(topics);
    GoogleDesired desired = new GoogleDesired(topics);
    Fuzz.messages(
        (topic, payload) -> {
          MqttMessage message = new MqttMessage(topic, payload);
          Optional<Inbound> read;
          try {
            read = commands.read(message).or(() -> desired.read(message));
          } catch (MalformedMessageException e) {
            return false;
          }
          if (read.orElse(null) instanceof Command command) {
            // The command's own payload comes back as its reply.
            MqttMessage reply = commands.reply(message, command, new Reply(200, command.payload()));
            JsonNode answer = Json.read(reply.payload()).orElseThrow();
            assertThat(answer.path("command").isTextual()).isTrue();
          }
          return read.isPresent();
        },
        "/devices/edge-1/commands/ping|{\"id\":7}",
        "/devices/edge-1/commands|{\"command\":\"ping\",\"payload\":{\"a\":[1]},\"id\":\"x\"}",
        "/devices/edge-1/config|{\"fan\":1}");
  }

  /** For any lifetime and time, exp is iat plus the lifetime. */
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
