package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AzureTopicsTest {
  private static AzureTopics topics(String more, Map<String, String> labels) {
    return new AzureTopics(
        ConnectionString.parse("HostName=h.net;DeviceId=edge-1;x509=true" + more), labels);
  }

  @Test
  void aSamplesTopicHoldsItsPropertiesPercentEncoded() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("site", "Bad Homburg");
    labels.put("a&b/c", "1+1=2 #ä");
    assertThat(topics("", labels).sample("01J"))
        .isEqualTo(
            "devices/edge-1/messages/events/$.ct=application%2Fjson&$.ce=utf-8&$.mid=01J"
                + "&site=Bad%20Homburg&a%26b%2Fc=1%2B1%3D2%20%23%C3%A4");
    assertThat(topics("", Map.of()).sample(null))
        .isEqualTo("devices/edge-1/messages/events/$.ct=application%2Fjson&$.ce=utf-8");
  }

  @Test
  void aModulesTopics() {
    AzureTopics module = topics(";ModuleId=m", Map.of());
    assertThat(module.telemetry()).isEqualTo("devices/edge-1/modules/m/messages/events/");
    assertThat(module.commands())
        .isEqualTo(
            "$iothub/methods/POST/# $iothub/twin/PATCH/properties/desired/# $iothub/twin/res/#");
  }

  @Test
  void fourFiltersOfTheFiveThatTheHubAllows() {
    assertThat(topics("", Map.of()).commands().split(" "))
        .containsExactly(
            "devices/edge-1/messages/devicebound/#",
            "$iothub/methods/POST/#",
            "$iothub/twin/PATCH/properties/desired/#",
            "$iothub/twin/res/#");
    assertThat(AzureTopics.GREETINGS)
        .isEqualTo(Map.of("$iothub/twin/res/#", "$iothub/twin/GET/?$rid=desired"));
  }

  @Test
  void payloadAndPropertiesTogetherFitTheHub() {
    AzureTopics topics = topics("", Map.of("site", "berlin"));
    assertThat(topics.largestPayload() + topics.sample("x".repeat(128)).length())
        .isEqualTo(262_144);
  }

  @Test
  void aBagIsReadAsTheHubWritesIt() {
    assertThat(PropertyBag.parse("%24.mid=1&%24.to=%2Fdevices%2Fa&command=reboot&flag&e=&x=a+b"))
        .isEqualTo(
            Map.of(
                "$.mid",
                "1",
                "$.to",
                "/devices/a",
                "command",
                "reboot",
                "flag",
                "",
                "e",
                "",
                "x",
                "a+b"));
    assertThat(PropertyBag.parse("")).isEmpty();
    assertThatThrownBy(() -> PropertyBag.parse("a=%zz"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
