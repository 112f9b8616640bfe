package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.settings.SettingException;
import routes.settings.Settings;

class CommandSettingsTest {
  private static Settings with(String key, String value) {
    Properties properties = new Properties();
    properties.setProperty("commands.allow", "ping, sample");
    properties.setProperty("commands.timeout", "10s");
    properties.setProperty("commands.http-url", "");
    properties.setProperty(key, value);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  @Test
  void allowsOnlyListedNames() {
    CommandSettings settings = CommandSettings.read(with("x", ""));
    assertThat(settings.allows("sample")).isTrue();
    assertThat(settings.allows("reboot")).isFalse();
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.httpUrl()).isEmpty();
    assertThat(CommandSettings.read(with("commands.allow", "")).allow()).isEmpty();
    assertThat(CommandSettings.read(with("commands.allow", "a,a,*")).allows("b")).isTrue();
  }

  @Test
  void removesATrailingSlashFromTheUrl() {
    assertThat(CommandSettings.read(with("commands.http-url", "https://host:1/a//")).httpUrl())
        .contains(URI.create("https://host:1/a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          commands.allow    | a.b    | commands.allow: "a.b" is not a name; use 1 to 64 letters
          commands.allow    | pi*    | commands.allow: "pi*" is not a name; use 1 to 64 letters
          commands.timeout  | 999ms  | commands.timeout: must be between 1s and 5m
          commands.timeout  | 301s   | commands.timeout: must be between 1s and 5m
          commands.timeout  | soon   | commands.timeout: "soon" is not a time
          """)
  void namesAnInvalidSetting(String key, String value, String says) {
    assertThatThrownBy(() -> CommandsConfiguration.check(with(key, value)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(says);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://host",
        "host:80",
        "http:///path",
        "http://a b/",
        "http://me:hunter2@host/",
        "http://host/?key=hunter2",
        "http://host/#hunter2",
        "//host",
        "http:hunter2"
      })
  void rejectsAnInvalidUrlWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> CommandsConfiguration.check(with("commands.http-url", url)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("commands.http-url: must ")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }
}
