package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import routes.uplink.Telemetry;

class AzureTopicsTest {
  private static AzureTopics topics(String more, Map<String, String> labels) {
    return new AzureTopics(
        ConnectionStringTest.parse("HostName=h.net;DeviceId=edge-1;x509=true" + more),
        "host-1",
        labels);
  }

  @Test
  void usesTheTopicsOfAModule() {
    AzureTopics module = topics(";ModuleId=m", Map.of());
    assertThat(module.events()).isEqualTo("devices/edge-1/modules/m/messages/events/");
    assertThat(module.filters())
        .isEqualTo(
            "$iothub/methods/POST/# $iothub/twin/PATCH/properties/desired/# $iothub/twin/res/#");
  }

  @Test
  void subscribesToFourOfTheFiveAllowedFilters() {
    assertThat(topics("", Map.of()).filters().split(" "))
        .containsExactly(
            "devices/edge-1/messages/devicebound/#",
            "$iothub/methods/POST/#",
            "$iothub/twin/PATCH/properties/desired/#",
            "$iothub/twin/res/#");
    assertThat(AzureTopics.GREETINGS)
        .isEqualTo(Map.of("$iothub/twin/res/#", "$iothub/twin/GET/?$rid=desired"));
  }

  @Test
  void limitsPayloadAndPropertiesTogether() {
    AzureTopics topics = topics("", Map.of("site", "berlin"));
    Telemetry longest =
        new Telemetry("host-1", "k".repeat(64), "x".repeat(128), "application/json", new byte[0]);
    assertThat(topics.largestPayload() + topics.telemetry(longest).length()).isEqualTo(262_144);
  }

  @Test
  void readsAPropertyBagOfTheHub() {
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
