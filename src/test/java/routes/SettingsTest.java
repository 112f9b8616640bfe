package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fuzzer found. */
class SettingsTest {
  private static Settings with(String value) {
    Properties properties = new Properties();
    properties.setProperty("key", value);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret}}", "s3cret{{", "{{s3cret}}", "{{s3cret", "}}s3cret"})
  void aPasswordWithBracesIsNotShown(String password) {
    assertThatThrownBy(() -> with(password).find("key"))
        .isInstanceOf(SettingException.class)
        .hasMessage("key: has a {{ or }} that doesn't belong to a setting's name in {{ and }}")
        .hasNoCause();
  }

  @Test
  void aSizeThatOverflowsIsRefused() {
    assertThat(with("8589934591GB").bytes("key")).isPositive();
    assertThatThrownBy(() -> with("8589934592GB").bytes("key"))
        .hasMessage("key: \"8589934592GB\" is more than any disk holds");
  }

  @Test
  void aFilesNameThatIsNoneIsRefused() {
    assertThatThrownBy(() -> with("a\0b").file("key")).hasMessage("key: \"a b\" is no file's name");
  }

  @Test
  void aMistakeIsToldInOneLineOfBoundedLength() {
    assertThatThrownBy(() -> with("1\n\u0085\u0007x").integer("key", 1, 9))
        .hasMessage("key: \"1 x\" should be a number from 1 to 9");
    assertThatThrownBy(() -> with("x".repeat(100_000)).integer("key", 1, 9))
        .extracting(Throwable::getMessage, org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .hasSizeLessThan(900)
        .endsWith("should be a number from 1 to 9");
  }
}
