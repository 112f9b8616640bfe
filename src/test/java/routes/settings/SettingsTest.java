package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values found by the fuzzer. */
class SettingsTest {
  private static Settings with(String value) {
    return with("key", value);
  }

  /**
   * @param settings key, value, key, value
   */
  private static Settings with(String... settings) {
    Properties properties = new Properties();
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty(settings[i], settings[i + 1]);
    }
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3cret}}",
        "s3cret{{",
        "{{s3cret}}",
        "{{?s3cret}}",
        "}}{{",
        "{{{a}}}",
        "{{a.b}} {{",
        "'{{'",
        "\\{{a}}",
        "a\\bcd",
        "a\\b",
        "\\\\",
        "a\\\\{{b\\}}",
        "a$$b${HOME}#c %41\"d'\\",
        "@@[x]@@",
        "x?nested=false",
        "pässwörd €"
      })
  void allowsAnyCharacter(String value) {
    assertThat(with(value).find("key")).contains(value);
    assertThat(with("my.password", value).find("my.password")).contains(value);
  }

  @Test
  void resolvesAPlaceholder() {
    Settings settings = with("key", "{{device.id}}/{{none}}", "device.id", "edge-1");
    assertThat(settings.find("key")).contains("edge-1/{{none}}");
  }

  @Test
  void secretsHaveNoPlaceholders() {
    Settings settings =
        with(
            "mqtt.password",
            " {{device.id}} ",
            "azure.connection-string",
            "HostName={{device.id}}",
            "nats.servers",
            "nats://u:{{device.id}}@h:1",
            "device.id",
            "edge-1");
    assertThat(settings.find("mqtt.password")).contains(" {{device.id}} ");
    assertThat(settings.find("azure.connection-string")).contains("HostName={{device.id}}");
    assertThat(settings.list("nats.servers")).containsExactly("nats://u:{{device.id}}@h:1");
  }

  @Test
  void rejectsAValueThatRefersToItself() {
    assertThatThrownBy(() -> with("{{key}}s3cret").find("key"))
        .isInstanceOf(SettingException.class)
        .hasMessage("key: refers to itself; remove {{key}}")
        .hasNoCause();
  }

  @Test
  void rejectsASizeThatOverflows() {
    assertThat(with("8589934591GB").bytes("key")).isPositive();
    assertThatThrownBy(() -> with("8589934592GB").bytes("key"))
        .hasMessage("key: \"8589934592GB\" is too large");
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, 500",
    "10s, 10000",
    "1h30m, 5400000",
    "1m1ms, 60001",
    "36500d, 3153600000000"
  })
  void readsTimesWithUnits(String value, long millis) {
    assertThat(with(value).duration("key")).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"36500d1ms", "106752d", "999999999d"})
  void rejectsATimeThatOverflowsNanoseconds(String value) {
    assertThatThrownBy(() -> with(value).duration("key"))
        .hasMessage("key: \"" + value + "\" must be at most 36500d");
  }

  @Test
  void rejectsATimeWithoutAUnitAndSuggestsBothMeanings() {
    assertThatThrownBy(() -> with("10").duration("key"))
        .hasMessage("key: \"10\" has no unit; use 10s for seconds or 10m for minutes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0s",
        "0d0ms",
        "-5s",
        "5secs",
        "5 s",
        "1.5s",
        "5s1m",
        "10S",
        "s",
        "1234567890s"
      })
  void rejectsAnInvalidTime(String value) {
    assertThatThrownBy(() -> with(value).duration("key"))
        .hasMessage(
            "key: \"" + value + "\" is not a time; use a value such as 500ms, 10s, 5m or 1h");
  }

  @Test
  void rejectsAnInvalidFileName() {
    assertThatThrownBy(() -> with("a\0b").file("key"))
        .hasMessage("key: \"a b\" is not a file name");
  }

  @Test
  void reportsAnInvalidValueInOneShortLine() {
    assertThatThrownBy(() -> with("1\n\u0085\u0007x").integer("key", 1, 9))
        .hasMessage("key: \"1 x\" must be a number between 1 and 9");
    assertThatThrownBy(() -> with("x".repeat(100_000)).integer("key", 1, 9))
        .extracting(Throwable::getMessage, org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .hasSizeLessThan(900)
        .endsWith("must be a number between 1 and 9");
  }
}
