package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicRuleTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SQL =
      "SELECT *, topic() AS mqtt_topic, topic(2) AS device, metrics.cpu AS cpu,"
          + " timestamp() AS received_at FROM 'devices/+/metrics'";

  @TempDir Path folder;

  private TopicRule rule(String key) {
    return new TopicRule("device_metrics", SQL, key, folder);
  }

  private static void run(TopicRule rule, String payload) {
    rule.run("devices/edge-1/metrics", "edge-1", payload.getBytes(StandardCharsets.UTF_8));
  }

  private List<Path> objects() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void storesEachMessageAsAnObject() throws Exception {
    TopicRule rule =
        rule(
            "${topic()}/${parse_time(\"yyyy/MM/dd/HH\", timestamp())}/${timestamp()}-${newuuid()}.json");
    run(rule, "{\"metrics\":{\"cpu\":0.5}}");
    run(rule, "{\"metrics\":{\"cpu\":0.5}}");
    assertThat(objects()).hasSize(2);
    assertThat(folder.relativize(objects().get(0)).toString())
        .matches("devices/edge-1/metrics/\\d{4}/\\d\\d/\\d\\d/\\d\\d/\\d{13}-[0-9a-f-]{36}\\.json");
    JsonNode object = JSON.readTree(objects().get(0).toFile());
    assertThat(object.path("mqtt_topic").asText()).isEqualTo("devices/edge-1/metrics");
    assertThat(object.path("device").asText()).isEqualTo("edge-1");
    assertThat(object.path("cpu").asDouble()).isEqualTo(0.5);
    assertThat(object.path("received_at").asLong()).isPositive();
    assertThat(object.at("/metrics/cpu").asDouble()).isEqualTo(0.5);
  }

  @Test
  void aStaticKeyKeepsOnlyTheLastMessage() throws Exception {
    TopicRule rule = rule("metrics.json");
    run(rule, "{\"n\":1}");
    run(rule, "{\"n\":2}");
    assertThat(objects()).hasSize(1);
    assertThat(JSON.readTree(objects().get(0).toFile()).path("n").asInt()).isEqualTo(2);
  }

  /** Bytes that are not UTF-8, text, and spaces that a JSON writer would drop. */
  @ParameterizedTest
  @ValueSource(strings = {"\u0000\u00ff\u0080{", "t=71;ok", "{ \"t\": 71.0 }", "[1]", "7 x"})
  void anAsteriskAloneStoresThePayloadUnchanged(String latin1) throws Exception {
    byte[] payload = latin1.getBytes(StandardCharsets.ISO_8859_1);
    TopicRule rule = new TopicRule("all", "SELECT * FROM 'devices/+/+'", "${topic()}", folder);
    rule.run("devices/edge-1/press.1", "edge-1", payload);
    assertThat(objects()).containsExactly(folder.resolve("devices/edge-1/press.1"));
    assertThat(Files.readAllBytes(objects().get(0))).isEqualTo(payload);
  }

  @Test
  void noSqlReadsAJsonString() throws Exception {
    run(new TopicRule("all", "SELECT * FROM 'devices/+/+'", "k", folder), "\"Hello\"");
    assertThat(objects()).containsExactly(folder.resolve(TopicRule.ERRORS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"Hello World! [1]\"", "Hello", "[1]", "", "7"})
  void sendsAPayloadThatIsNotAnObjectToTheErrorAction(String payload) throws Exception {
    run(rule("${newuuid()}"), payload);
    assertThat(objects()).containsExactly(folder.resolve(TopicRule.ERRORS));
    JsonNode error = JSON.readTree(Files.readString(folder.resolve(TopicRule.ERRORS)));
    assertThat(error.path("ruleName").asText()).isEqualTo("device_metrics");
    assertThat(error.path("topic").asText()).isEqualTo("devices/edge-1/metrics");
    assertThat(error.path("clientId").asText()).isEqualTo("edge-1");
    assertThat(new String(error.path("base64OriginalPayload").binaryValue())).isEqualTo(payload);
    assertThat(error.at("/failures/0/errorMessage").asText()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {"${nothing}", "../${newuuid()}", "${unknown()}", "${topic(}"})
  void anInvalidKeyGoesToTheErrorAction(String key) throws Exception {
    run(rule(key), "{}");
    assertThat(objects()).containsExactly(folder.resolve(TopicRule.ERRORS));
  }

  @Test
  void selectsTopicsThatItsFilterMatches() {
    assertThat(rule("k").selects("devices/a/metrics")).isTrue();
    assertThat(rule("k").selects("devices/a/b/metrics")).isFalse();
  }

  @Test
  void readsTheRuleFileOfTheCli() throws Exception {
    String payload =
        """
        {"awsIotSqlVersion":"2016-03-23","sql":"SELECT * FROM 'a'",
         "actions":[{"s3":{"roleArn":"r","bucketName":"b","key":"x.json"}}]}
        """;
    run(TopicRule.of("device_metrics", payload, folder), "{}");
    assertThat(objects()).containsExactly(folder.resolve("x.json"));
  }

  @Test
  void rejectsANameWithADashAndUnsupportedSql() {
    assertThatThrownBy(() -> new TopicRule("synpse-s3", SQL, "k", folder))
        .hasMessageContaining("a rule's name is letters, digits and _");
    assertThatThrownBy(() -> new TopicRule("a", "SELECT * FROM 'a' WHERE b > 1", "k", folder))
        .hasMessageContaining("unknown SQL");
    assertThatThrownBy(() -> new TopicRule("a", "SELECT topic() FROM 'a'", "k", folder))
        .hasMessageContaining("unknown SQL");
  }
}
