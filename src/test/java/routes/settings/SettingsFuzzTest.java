package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import routes.Fuzz;

class SettingsFuzzTest {
  private final Properties properties = new Properties();
  private final DefaultCamelContext context = new DefaultCamelContext();
  private final Settings settings = settings();

  private Settings settings() {
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  @AfterEach
  void close() throws Exception {
    context.close();
  }

  private void fuzz(Consumer<String> reader, String... valid) {
    Fuzz.text(
        text -> {
          properties.setProperty("key", text);
          try {
            reader.accept(text);
            return true;
          } catch (SettingException e) {
            assertThat(e.getMessage()).startsWith("key: ").doesNotContainPattern("\\p{Cntrl}");
            assertThat(e.getMessage()).hasSizeLessThan(1_000);
            return false;
          }
        },
        valid);
  }

  @Test
  void durations() {
    fuzz(
        text -> assertThat(settings.duration("key")).isBetween(Duration.ofMillis(1), FOREVER),
        "500ms",
        "10s",
        "1h30m",
        "7d");
  }

  private static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);

  @Test
  void sizes() {
    fuzz(text -> assertThat(settings.bytes("key")).isNotNegative(), "512KB", "256 mb", "1GB", "77");
  }

  @Test
  void lists() {
    fuzz(
        text ->
            assertThat(settings.list("key"))
                .allMatch(item -> item.equals(item.strip()) && !item.isEmpty()),
        "azure,aws",
        " a , b ");
  }

  @Test
  void numbers() {
    fuzz(text -> assertThat(settings.integer("key", 1, 100)).isBetween(1, 100), "1", "100");
  }

  @Test
  void files() {
    fuzz(
        text -> settings.file("key").ifPresent(file -> assertThat(file).isRegularFile()),
        "pom.xml");
  }
}
