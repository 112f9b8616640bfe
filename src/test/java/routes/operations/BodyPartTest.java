package routes.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.uplink.Json;

class BodyPartTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "a", "{\"t\":71}", "äöü€😀", "\"\\\n\t\r", "\u0000", "\u001b[31m"})
  void partsMakeUpTheBody(String unit) throws Exception {
    byte[] body = unit.repeat(5000).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    int next = 0;
    int parts = 0;
    do {
      ObjectNode reply = Json.object();
      new BodyPart(body, next).putInto(reply, 1000);
      assertThat(Json.write(reply)).hasSizeLessThan(1000 + 40);
      joined.writeBytes(
          reply.has("text")
              ? reply.get("text").asText().getBytes(StandardCharsets.UTF_8)
              : Base64.getDecoder().decode(reply.get("base64").asText()));
      next = reply.path("next").asInt();
      parts++;
    } while (next > 0);
    assertThat(joined.toByteArray()).isEqualTo(body);
    assertThat(parts).isLessThanOrEqualTo(1 + body.length / 490);
  }
}
