package routes.sandbox.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsPolicyTest {
  private static final String THING = "${iot:Connection.Thing.ThingName}";

  static String policy(String... statements) {
    return "{\"Version\":\"2012-10-17\",\"Statement\":[" + String.join(",", statements) + "]}";
  }

  static String statement(String effect, String action, String resource) {
    String arn = resource.equals("*") ? "*" : "arn:aws:iot:eu-central-1:123456789012:" + resource;
    return "{\"Effect\":\"%s\",\"Action\":\"%s\",\"Resource\":\"%s\"}"
        .formatted(effect, action, arn);
  }

  private static boolean allows(String policy, String action, String resource) {
    return new AwsCertificate(AwsPolicy.parse(policy), Optional.of("edge-1"))
        .may(action, resource, "edge-1");
  }

  @Test
  void deniesByDefault() {
    String publish = policy(statement("Allow", "iot:Publish", "topic/a"));
    assertThat(allows(publish, "iot:Publish", "topic/a")).isTrue();
    assertThat(allows(publish, "iot:Publish", "topic/b")).isFalse();
    assertThat(allows(publish, "iot:Subscribe", "topic/a")).isFalse();
    assertThat(allows(policy(), "iot:Publish", "topic/a")).isFalse();
  }

  @Test
  void denyOverridesAllowInAnyOrder() {
    String all = statement("Allow", "iot:*", "*");
    String no = statement("Deny", "iot:Publish", "topic/secret/*");
    for (String policy : new String[] {policy(all, no), policy(no, all)}) {
      assertThat(allows(policy, "iot:Publish", "topic/secret/a")).isFalse();
      assertThat(allows(policy, "iot:Publish", "topic/a")).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "topic/a/*, topic/a/b, true",
    "topic/a/*, topic/a/b/c, true",
    "topic/a/*, topic/a, false",
    "topic/a/?, topic/a/b, true",
    "topic/a/?, topic/a/bc, false",
    "topic/a/*/*, topic/a/b, false",
    "topic/a/*/*, topic/a/b/c, true",
    "topic/a/+, topic/a/b, false",
    "topic/a/+, topic/a/+, true",
    "topic/#, topic/a, false",
    "topic/a.c, topic/abc, false",
    "topicfilter/a, topic/a, false"
  })
  void treatsStarAndQuestionMarkAsWildcardsButNotThoseOfMqtt(
      String pattern, String resource, boolean allowed) {
    String policy = policy(statement("Allow", "iot:Publish", pattern));
    assertThat(allows(policy, "iot:Publish", resource)).isEqualTo(allowed);
  }

  @Test
  void theThingNameVariableNeedsTheClientIdOfTheThing() {
    AwsPolicy policy =
        AwsPolicy.parse(policy(statement("Allow", "iot:Publish", "topic/" + THING + "/x")));
    AwsCertificate attached = new AwsCertificate(policy, Optional.of("edge-1"));
    assertThat(attached.may("iot:Publish", "topic/edge-1/x", "edge-1")).isTrue();
    assertThat(attached.may("iot:Publish", "topic/edge-2/x", "edge-1")).isFalse();
    assertThat(attached.may("iot:Publish", "topic/edge-1/x", "edge-2")).isFalse();
    AwsCertificate loose = new AwsCertificate(policy, Optional.empty());
    assertThat(loose.may("iot:Publish", "topic/edge-1/x", "edge-1")).isFalse();
  }

  @Test
  void anArnMustMatchAccountAndRegion() {
    String other =
        "{\"Effect\":\"Allow\",\"Action\":\"iot:Publish\","
            + "\"Resource\":\"arn:aws:iot:us-east-1:123456789012:topic/a\"}";
    assertThat(allows(policy(other), "iot:Publish", "topic/a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"Statement\":[]}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Maybe\"}]}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"a\"}]}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Condition\":{}}]}"
      })
  void rejectsUnsupportedElements(String json) {
    assertThatThrownBy(() -> AwsPolicy.parse(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void blanksDoNotCountTowardsTheLength() {
    String small = policy(statement("Allow", "iot:Publish", "topic/" + "x".repeat(1_800)));
    assertThat(AwsPolicy.parse(small + " ".repeat(2_000))).isNotNull();
    String large = policy(statement("Allow", "iot:Publish", "topic/" + "x".repeat(2_048)));
    assertThatThrownBy(() -> AwsPolicy.parse(large)).hasMessageContaining("2048");
  }

  @Test
  void variableValuesAreNotPatterns() {
    AwsPolicy policy =
        AwsPolicy.parse(policy(statement("Allow", "iot:Connect", "client/${iot:ClientId}")));
    String arn = "arn:aws:iot:eu-central-1:123456789012:client/";
    assertThat(policy.allows("iot:Connect", arn + "abc", Map.of("iot:ClientId", "a*"))).isFalse();
    assertThat(policy.allows("iot:Connect", arn + "a*", Map.of("iot:ClientId", "a*"))).isTrue();
  }
}
