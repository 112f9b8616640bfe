package routes.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.settings.SettingException;
import routes.settings.Settings;

class MqttSettingsTest {
  private static final Map<String, String> GOOD =
      Map.of(
          "device.id", "edge-1",
          "mqtt.url", "tcp://broker",
          "mqtt.topic", "devices/{{device.id}}/metrics",
          "mqtt.publish-timeout", "20s",
          "mqtt.keep-alive", "60s",
          "inbound.max-packet", "384KB",
          "mqtt.in-flight", "64",
          "reconnect.min", "1s",
          "reconnect.max", "2m");

  private static Settings with(String key, String value) {
    Properties properties = new Properties();
    properties.putAll(GOOD);
    properties.setProperty(key, value);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  @Test
  void theClientIdIsTheDevicesUnlessSet() {
    assertThat(MqttSettings.read(with("mqtt.client-id", "")).clientId()).isEqualTo("edge-1");
    assertThat(MqttSettings.read(with("mqtt.client-id", "x")).clientId()).isEqualTo("x");
  }

  @Test
  void noSecretIsPartOfWhatCouldBeLogged() {
    Settings settings = with("mqtt.password", "s3cr3t");
    assertThat(MqttSettings.read(settings).toString()).doesNotContain("s3cr3t");
    assertThat(MqttSettings.credentials(settings).get().password()).contains("s3cr3t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mqtt.url | '' | mqtt.url: is not set: it should be the broker's address",
        "mqtt.url | broker | mqtt.url: \"broker\" is no broker's address",
        "mqtt.topic | a/# | mqtt.topic: \"a/#\" is no topic to publish to: it should be without + and #",
        "mqtt.topic | '' | mqtt.topic: is not set: it should be the topic of the samples",
        "mqtt.publish-timeout | 0s | mqtt.publish-timeout: \"0s\" is no time",
        "mqtt.keep-alive | 500ms | mqtt.keep-alive: should be from 1s to 65535s",
        "mqtt.in-flight | 0 | mqtt.in-flight: \"0\" should be a number from 1 to 65535",
        "device.id | '' | device.id: is not set"
      })
  void aMistakeIsOneLine(String key, String value, String message) {
    assertThatThrownBy(() -> MqttConfiguration.check(with(key, value)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void filesAreLookedAtForTlsAlone() {
    MqttConfiguration.check(with("mqtt.ca", "/no/such.pem"));
    Properties properties = new Properties();
    properties.putAll(GOOD);
    properties.setProperty("mqtt.url", "mqtts://broker");
    properties.setProperty("mqtt.ca", "/no/such.pem");
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    assertThatThrownBy(() -> MqttConfiguration.check(new Settings(context)))
        .hasMessage("mqtt.ca: there is no file /no/such.pem");
  }
}
