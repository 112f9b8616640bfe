package routes.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.uplink.Json;

/** The payload of a command, and refusals of what is malformed. */
class RequestTest {
  private static JsonNode answer(byte[] payload) throws InterruptedException {
    byte[] answer =
        Request.answer(
            payload,
            List.of("lines", "level"),
            request ->
                Json.object()
                    .put("lines", request.number("lines", 1, 1000).orElse(100))
                    .put("level", request.word("level", List.of("WARN", "INFO")).orElse("none")));
    return Json.read(answer).orElseThrow();
  }

  private static JsonNode answer(String payload) throws InterruptedException {
    return answer(payload.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{}", "null", "{\"lines\":null,\"level\":null}"})
  void nothingMeansTheDefaults(String payload) throws Exception {
    assertThat(answer(payload).toString()).isEqualTo("{\"lines\":100,\"level\":\"none\"}");
    assertThat(answer((byte[]) null).path("lines").asInt()).isEqualTo(100);
  }

  @Test
  void readsFields() throws Exception {
    assertThat(answer("{\"lines\":1000,\"level\":\"warn\"}").toString())
        .isEqualTo("{\"lines\":1000,\"level\":\"WARN\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"lines\":0} | lines must be a whole number from 1 to 1000",
        "{\"lines\":-5} | lines must be a whole number from 1 to 1000",
        "{\"lines\":1001} | lines must be a whole number from 1 to 1000",
        "{\"lines\":99999999999999999999999} | lines must be a whole number from 1 to 1000",
        "{\"lines\":1.5} | lines must be a whole number from 1 to 1000",
        "{\"lines\":1e3} | lines must be a whole number from 1 to 1000",
        "{\"lines\":\"5\"} | lines must be a whole number from 1 to 1000",
        "{\"lines\":[5]} | lines must be a whole number from 1 to 1000",
        "{\"lines\":{}} | lines must be a whole number from 1 to 1000",
        "{\"lines\":true} | lines must be a whole number from 1 to 1000",
        "{\"level\":\"LOUD\"} | level must be one of WARN, INFO",
        "{\"level\":3} | level must be one of WARN, INFO",
        "{\"level\":[\"WARN\"]} | level must be one of WARN, INFO",
        "{\"line\":5} | unknown field; valid fields are lines, level",
        "[] | the payload must be a JSON object or empty",
        "5 | the payload must be a JSON object or empty",
        "\"WARN\" | the payload must be a JSON object or empty",
        "{ | the payload is not JSON",
        "{} {} | the payload is not JSON"
      })
  void namesWhatIsMalformed(String payload, String error) throws Exception {
    JsonNode refusal = answer(payload);
    assertThat(refusal.path("status").asInt()).isEqualTo(400);
    assertThat(refusal.path("error").asText()).isEqualTo(error);
  }

  @Test
  void rejectsALargePayloadUnread() throws Exception {
    assertThat(answer(" ".repeat(4096)).has("status")).isFalse();
    assertThat(answer("[".repeat(1 << 20)).path("status").asInt()).isEqualTo(413);
    assertThat(answer("[".repeat(4000)).path("status").asInt()).isEqualTo(400);
    assertThat(answer(new byte[] {'"', (byte) 0xff, '"'}).path("status").asInt()).isEqualTo(400);
  }
}
