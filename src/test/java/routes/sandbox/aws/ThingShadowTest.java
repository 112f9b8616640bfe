package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThingShadowTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final ThingShadow shadow = new ThingShadow("edge-1");

  private Map<String, String> send(String operation, String payload) {
    return shadow.answer(operation, payload.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode read(String json) throws Exception {
    return JSON.readTree(json);
  }

  @Test
  void acceptsAndMergesAnUpdate() throws Exception {
    assertThat(send("update", "{\"state\":{\"reported\":{\"a\":{\"b\":1,\"c\":2},\"d\":[1]}}}"))
        .containsOnlyKeys("update/accepted", "update/documents");
    Map<String, String> answers =
        send(
            "update",
            "{\"state\":{\"reported\":{\"a\":{\"b\":null},\"d\":[]}},\"clientToken\":\"t\"}");
    JsonNode accepted = read(answers.get("update/accepted"));
    assertThat(accepted.path("version").asInt()).isEqualTo(2);
    assertThat(accepted.path("clientToken").asText()).isEqualTo("t");
    assertThat(shadow.state()).hasToString("{\"reported\":{\"a\":{\"c\":2},\"d\":[]}}");
    JsonNode documents = read(answers.get("update/documents"));
    assertThat(documents.at("/previous/state/reported/a/b").asInt()).isEqualTo(1);
    assertThat(documents.at("/current/state/reported/a/b").isMissingNode()).isTrue();
  }

  @Test
  void deltaContainsDesiredValuesThatAreNotReported() throws Exception {
    send("update", "{\"state\":{\"reported\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}}}");
    Map<String, String> answers =
        send("update", "{\"state\":{\"desired\":{\"a\":{\"b\":1,\"c\":9},\"d\":3,\"e\":4}}}");
    JsonNode delta = read(answers.get("update/delta"));
    assertThat(delta.path("state")).hasToString("{\"a\":{\"c\":9},\"e\":4}");
    assertThat(delta.at("/metadata/a/c/timestamp").asLong()).isPositive();
    JsonNode got = read(send("get", "").get("get/accepted"));
    assertThat(got.at("/state/delta")).hasToString("{\"a\":{\"c\":9},\"e\":4}");
    assertThat(send("update", "{\"state\":{\"reported\":{\"a\":{\"c\":9},\"e\":4}}}"))
        .doesNotContainKey("update/delta");
    assertThat(read(send("get", "").get("get/accepted")).at("/state/delta").isMissingNode())
        .isTrue();
  }

  @Test
  void aThingWithoutAShadowHasNone() throws Exception {
    JsonNode rejected = read(send("get", "").get("get/rejected"));
    assertThat(rejected.path("code").asInt()).isEqualTo(404);
    assertThat(rejected.path("message").asText()).isEqualTo("No shadow exists with name: 'edge-1'");
  }

  @Test
  void aDeletedShadowKeepsItsVersion() throws Exception {
    send("update", "{\"state\":{\"reported\":{\"a\":1}}}");
    assertThat(read(send("delete", "{\"version\":7}").get("delete/rejected")).path("code").asInt())
        .isEqualTo(409);
    assertThat(send("delete", "")).containsOnlyKeys("delete/accepted");
    assertThat(send("get", "")).containsOnlyKeys("get/rejected");
    assertThat(send("delete", "")).containsOnlyKeys("delete/rejected");
    Map<String, String> answers = send("update", "{\"state\":{\"reported\":{\"b\":1}}}");
    assertThat(read(answers.get("update/accepted")).path("version").asInt()).isEqualTo(2);
    assertThat(shadow.state()).hasToString("{\"reported\":{\"b\":1}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no json | 400",
        "{} | 400",
        "{\"state\":1} | 400",
        "{\"state\":{\"reported\":1}} | 400",
        "{\"state\":{\"delta\":{}}} | 400",
        "{\"state\":{\"reported\":{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":1}}}}}}}}} | 400",
        "{\"state\":{\"reported\":{}},\"version\":7} | 409"
      })
  void rejectsAnInvalidUpdate(String payload, int code) throws Exception {
    Map<String, String> answers = send("update", payload);
    assertThat(answers).containsOnlyKeys("update/rejected");
    assertThat(read(answers.get("update/rejected")).path("code").asInt()).isEqualTo(code);
    assertThat(shadow.state()).isEmpty();
  }

  @Test
  void rejectsATokenOver64Bytes() {
    String update = "{\"state\":{},\"clientToken\":\"%s\"}";
    assertThat(send("update", update.formatted("x".repeat(65)))).containsKey("update/rejected");
    assertThat(send("update", update.formatted("x".repeat(64)))).containsKey("update/accepted");
  }

  @Test
  void limitsBothStatesTogetherTo8Kilobytes() throws Exception {
    String update = "{\"state\":{\"%s\":{\"a\":\"%s\"}}}";
    assertThat(send("update", update.formatted("desired", "x".repeat(4_000))))
        .containsKey("update/accepted");
    Map<String, String> answers = send("update", update.formatted("reported", "x".repeat(4_200)));
    assertThat(read(answers.get("update/rejected")).path("code").asInt()).isEqualTo(413);
    assertThat(send("update", update.formatted("reported", "x".repeat(4_100))))
        .containsKey("update/accepted");
  }
}
