package routes.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.link.Credential;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;
import routes.uplink.TestSettings;

class BrokerSettingsTest {
  private static GatewaySettings with(String... changes) {
    return TestSettings.of("mqtt", Map.of("mqtt.url", "tcp://broker"), changes);
  }

  @Test
  void clientIdDefaultsToTheDevice() {
    assertThat(BrokerSettings.connection(with("mqtt.client-id", "")).clientId())
        .isEqualTo("edge-1");
    assertThat(BrokerSettings.connection(with("mqtt.client-id", "x")).clientId()).isEqualTo("x");
  }

  @Test
  void readsUserAndPasswordAtEachConnect(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "first{{1}}\n");
    CamelContext context = TestSettings.context(Map.of("mqtt.url", "tcp://broker"));
    SecretFiles.useIn(
        context,
        Map.of("MQTT_PASSWORD_FILE", file.toString(), "MQTT_USERNAME_FILE", file.toString()));
    Supplier<Credential> credentials =
        BrokerSettings.credentials(new GatewaySettings(new Settings(context), "mqtt", "mqtt"));
    assertThat(credentials.get().password()).contains("first{{1}}");
    Files.writeString(file, "}}second\\");
    assertThat(credentials.get().password()).contains("}}second\\");
    assertThat(credentials.get().username()).contains("}}second\\");
  }

  @Test
  void toStringContainsNoSecret() {
    GatewaySettings settings = with("mqtt.username", "edge", "mqtt.password", "s3cr3t");
    assertThat(BrokerSettings.connection(settings).toString()).doesNotContain("s3cr3t");
    assertThat(BrokerSettings.credentials(settings).get().password()).contains("s3cr3t");
    assertThat(BrokerSettings.credentials(settings).get().toString()).doesNotContain("s3cr3t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mqtt.url | '' | mqtt.url: is not set; set it to the broker's address",
        "mqtt.url | broker | mqtt.url: \"broker\" is not a broker address",
        "mqtt.topic | a/# | mqtt.topic: \"a/#\" is not a topic to publish to; remove + and #",
        "mqtt.topic | '' | mqtt.topic: is not set; set it to the telemetry topic, such as devices/{device}/{kind}",
        "mqtt.publish-timeout | 0s | mqtt.publish-timeout: \"0s\" is not a time",
        "mqtt.keep-alive | 500ms | mqtt.keep-alive: must be between 1s and 65535s",
        "mqtt.in-flight | 0 | mqtt.in-flight: \"0\" must be a number between 1 and 65535",
        "device.id | '' | device.id: is not set"
      })
  void reportsAnInvalidSettingInOneLine(String key, String value, String message) {
    assertThatThrownBy(() -> new BrokerGateway(with(key, value)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void readsFilesOnlyForTls() {
    assertThatCode(() -> new BrokerGateway(with("mqtt.ca", "/no/such.pem")))
        .doesNotThrowAnyException();
    GatewaySettings tls = with("mqtt.url", "mqtts://broker", "mqtt.ca", "/no/such.pem");
    assertThatThrownBy(() -> new BrokerGateway(tls))
        .hasMessage("mqtt.ca: there is no file /no/such.pem");
  }
}
