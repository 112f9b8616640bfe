package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets in texts and settings that leave the device. */
class RedactionTest {
  private static Settings with(String... settings) {
    Properties properties = new Properties();
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty(settings[i], settings[i + 1]);
    }
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  @Test
  void hidesTheValuesOfSecretSettings() {
    Redaction redaction =
        Redaction.of(
            with(
                "mqtt.password",
                "correct horse",
                "mqtt-plant.password",
                "correct horse battery",
                "nats.servers",
                "nats://edge:n4ts-pass@a:4222,nats://t0ken-only@b",
                "azure.connection-string",
                "HostName=h;DeviceId=d;SharedAccessKey=a2V5a2V5a2V5",
                "my.api-key",
                "custom-key-1",
                "pubsub.password",
                "abc"),
            List.of("mqtt-plant.password", "my.api-key"));
    assertThat(redaction.apply("1 correct horse 2 correct horse battery 3"))
        .isEqualTo("1 *** 2 *** 3");
    assertThat(redaction.apply("n4ts-pass t0ken-only a2V5a2V5a2V5 custom-key-1"))
        .isEqualTo("*** *** *** ***");
    assertThat(redaction.apply("abc is too short to be told from words")).startsWith("abc ");
    assertThat(redaction.apply("edge connects to a:4222")).isEqualTo("edge connects to a:4222");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nats://u:p@ss@host:1,nats://t@h/x | nats://***@host:1,nats://***@h/x",
        "HostName=h;SharedAccessKey=abc= | HostName=h;SharedAccessKey=***",
        "SharedAccessSignature sr=h&sig=a%2Bb&se=1 | SharedAccessSignature sr=h&sig=***&se=1",
        "Authorization: Bearer abcdefgh.ijk | Authorization: Bearer ***",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig | ***",
        "a -----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY----- b | a *** b",
        "a -----BEGIN EC PRIVATE KEY----- MIIE | a ***",
        "{\"db_password\": \"x y\"} | {\"db_password\": \"*** y\"}",
        "api-key=1234 x | api-key=*** x",
        "check nats.username and nats.password | check nats.username and nats.password",
        "mqtt.keep-alive = 60s | mqtt.keep-alive = 60s"
      })
  void hidesWhatLooksLikeACredential(String text, String shown) {
    assertThat(Redaction.of(with(), List.of()).apply(text)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mqtt.password",
        "mqtt-plant.password",
        "azure-eu.connection-string",
        "mqtt.proxy-password",
        "my.password",
        "erp.pwd",
        "erp.apiKey",
        "site.private",
        "site.auth",
        "webhook.url",
        "sas.value",
        "PLC_SECRET"
      })
  void knowsSecretsByTheirNames(String key) {
    assertThat(value(key, "geheim-1")).isEqualTo("***");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mqtt.url",
        "mqtt-plant.private-key",
        "aws.private-key",
        "mqtt.keep-alive",
        "my.site"
      })
  void showsOtherSettings(String key) {
    assertThat(value(key, "geheim-1")).isEqualTo("geheim-1");
  }

  @Test
  void showsAddressesWithoutTheirUsers() {
    assertThat(value("nats.servers", "nats://h:4222")).isEqualTo("nats://h:4222");
    assertThat(value("nats.servers", "nats://u:pass-word@h:4222")).isEqualTo("***");
    assertThat(value("my.url", "http://u:pass-word@h/x")).isEqualTo("http://***@h/x");
    assertThat(value("my.site", "x".repeat(5000))).hasSize(1003);
    assertThat(value("my.password", " ")).isEmpty();
  }

  private static String value(String key, String value) {
    return EffectiveSettings.of(with(key, value), List.of(key)).stream()
        .filter(setting -> setting.key().equals(key))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
