package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings read from files. */
class SecretFilesTest {
  @TempDir Path folder;

  private Path file(String content) throws Exception {
    return Files.writeString(folder.resolve("secret"), content);
  }

  private static DefaultCamelContext context(Map<String, String> environment) {
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setLocation("classpath:application.properties");
    context.getPropertiesComponent().addPropertiesSource(new SecretFiles(environment));
    return context;
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret pass", "s3cret pass\n", "s3cret pass\r\n", "s3cret pass\n\n"})
  void usesTheContentOfTheFile(String content) throws Exception {
    try (DefaultCamelContext context =
        context(Map.of("MQTT_PASSWORD_FILE", file(content).toString()))) {
      assertThat(new Settings(context).find("mqtt.password")).hasValue("s3cret pass");
      assertThat(new Settings(context).find("mqtt.username")).isEmpty();
    }
  }

  @Test
  void resolvesAPlaceholderInARoute() throws Exception {
    try (DefaultCamelContext context =
        context(Map.of("ORDERS_API_KEY_FILE", file("k3y\n").toString()))) {
      RouteBuilder.addRoutes(
          context,
          routes -> routes.from("direct:orders").transform().constant("{{orders.api-key}}"));
      context.start();
      assertThat(context.createProducerTemplate().requestBody("direct:orders", "", String.class))
          .isEqualTo("k3y");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Xy{{k9}}!z",
        "q}}w{{",
        "{{device.id}}",
        " leading and trailing ",
        "a$$b${HOME}#c %41\"d'\\",
        "\\{{x}}",
        "two\nlines",
        "pässwörd €",
        "tab\tand=and:and,and!"
      })
  void takesEveryCharacterOfAFileLiterally(String content) throws Exception {
    Map<String, String> files =
        Map.of(
            "MQTT_PASSWORD_FILE", file(content + "\n").toString(),
            "MQTT_USERNAME_FILE", file(content + "\n").toString());
    try (DefaultCamelContext context = context(files)) {
      Settings settings = new Settings(context);
      assertThat(settings.find("mqtt.password")).hasValue(content);
      assertThat(settings.find("mqtt.username")).hasValue(content.strip());
      RouteBuilder.addRoutes(
          context,
          routes ->
              routes.from("direct:a").setBody(routes.constant("{{mqtt.password}}")).to("mock:a"));
      context.start();
      assertThat(context.createProducerTemplate().requestBody("direct:a", "", String.class))
          .isEqualTo(content.strip()); // as constants are
    }
  }

  @Test
  void readsChangedContent() throws Exception {
    try (DefaultCamelContext context =
        context(Map.of("MQTT_PASSWORD_FILE", file("old").toString()))) {
      assertThat(new Settings(context).find("mqtt.password")).hasValue("old");
      file("new");
      assertThat(new Settings(context).find("mqtt.password")).hasValue("new");
    }
  }

  @Test
  void rejectsAValueAndAFile() throws Exception {
    Map<String, String> both =
        Map.of("MQTT_PASSWORD", "a", "MQTT_PASSWORD_FILE", file("b").toString());
    assertThatThrownBy(() -> new SecretFiles(both).check(List.of("mqtt.url", "mqtt.password")))
        .isInstanceOf(SettingException.class)
        .hasMessage("mqtt.password: both MQTT_PASSWORD and MQTT_PASSWORD_FILE are set; remove one");
  }

  @Test
  void namesAnUnreadableFile() throws Exception {
    assertThatThrownBy(() -> read(folder.resolve("none")))
        .isInstanceOf(SettingException.class)
        .hasMessage("MQTT_PASSWORD_FILE: there is no file " + folder.resolve("none"));
    assertThatThrownBy(() -> read(file("x".repeat(65_537))))
        .isInstanceOf(SettingException.class)
        .hasMessage("MQTT_PASSWORD_FILE: " + folder.resolve("secret") + " is larger than 64 KB");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xC3, 1});
    assertThatThrownBy(() -> read(binary))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "MQTT_PASSWORD_FILE: "
                + binary
                + " cannot be read; it must be a text file that this user may read");
  }

  private static String read(Path file) {
    return new SecretFiles(Map.of("MQTT_PASSWORD_FILE", file.toString()))
        .getProperty("mqtt.password");
  }
}
