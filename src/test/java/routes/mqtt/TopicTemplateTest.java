package routes.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.link.TopicTemplate;
import routes.settings.SettingException;
import routes.uplink.TestSettings;

/** The topic of telemetry, as in aws.topic and mqtt.topic. */
class TopicTemplateTest {
  private static TopicTemplate read(String text) {
    return TopicTemplate.read(TestSettings.of("mqtt", Map.of("mqtt.topic", text)));
  }

  @ParameterizedTest
  @CsvSource({
    "devices/{device}/{kind}, devices/edge-1/press.1",
    "{kind}/{device}/{kind},  press.1/edge-1/press.1",
    "{device},                edge-1",
    "fixed,                   fixed",
    "/a/{kind}/,              /a/press.1/"
  })
  void replacesDeviceAndKind(String text, String topic) {
    assertThat(read(text).topic("edge-1", "press.1")).isEqualTo(topic);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | is not set; set it to the telemetry topic, such as devices/{device}/{kind}",
        "a/+ | \"a/+\" is not a topic to publish to; remove + and #",
        "a/# | \"a/#\" is not a topic to publish to",
        "a/{thing} | \"a/{thing}\" has an unknown {thing}; use {device} and {kind}",
        "{Device} | \"{Device}\" has an unknown {Device}",
        "{} | \"{}\" has an unknown {}"
      })
  void anErrorNamesTheSetting(String text, String problem) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("mqtt.topic: " + problem);
  }

  @Test
  void limitsTopicsToTheLengthThatMqttAllows() {
    String longest = "x".repeat(65_535 - 256);
    assertThat(read(longest).text()).isEqualTo(longest);
    assertThatThrownBy(() -> read(longest + "x"))
        .hasMessageContaining("is not a topic to publish to");
  }
}
