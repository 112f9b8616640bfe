package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings in a file outside the jar. */
class SettingsFileTest {
  @TempDir Path folder;

  private SettingsFile file(String... lines) throws Exception {
    return SettingsFile.read(
        Files.writeString(folder.resolve("settings.properties"), String.join("\n", lines)));
  }

  private static Settings settings(SettingsFile file) {
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setLocation("classpath:application.properties");
    context.getPropertiesComponent().addPropertiesSource(file);
    return new Settings(context);
  }

  @Test
  void overridesThePackagedSettingsOnly() throws Exception {
    Settings settings = settings(file("# mine", "", "collect.period = 7s", "device.id: edge-9"));
    assertThat(settings.find("collect.period")).hasValue("7s");
    assertThat(settings.find("http.port")).hasValue("8080");
    assertThat(settings.find("aws.thing")).as("refers to device.id").hasValue("edge-9");
  }

  @Test
  void takesSecretsLiterally() throws Exception {
    assertThat(settings(file("mqtt.password = {{device.id}} #1=\\\\")).find("mqtt.password"))
        .hasValue("{{device.id}} #1=\\");
  }

  @Test
  void readsUtf8ContinuedLinesAndEveryLineBreak() throws Exception {
    Path file = folder.resolve("windows.properties");
    Files.writeString(
        file, "\uFEFFdevice.labels = site=Köln,\\\r\n  line=3\r\nhttp.port=9\rgateways =");
    Settings settings = settings(SettingsFile.read(file));
    assertThat(settings.find("device.labels")).hasValue("site=Köln,line=3");
    assertThat(settings.find("http.port")).hasValue("9");
    assertThat(SettingsFile.read(file).place("gateways", Map.of())).endsWith(":4: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gateways             | 2: is not a setting; write key = value
          = mqtt               | 2: is not a setting; write key = value
          [mqtt]               | 2: is not a setting; write key = value
          mqtt.password = a\\q | 2: unknown escape; write \\\\ for a backslash
          mqtt.password = \\u1 | 2: unknown escape; write \\\\ for a backslash
          collect.period = 8s  | 2: collect.period is set in line 1 too; remove one
          """)
  void namesTheLineOfAnError(String line, String problem) throws Exception {
    assertThatThrownBy(() -> file("collect.period = 7s", line))
        .isInstanceOf(SettingException.class)
        .hasMessage(folder.resolve("settings.properties") + ":" + problem);
  }

  @Test
  void isATextFileThatExists() throws Exception {
    assertThatThrownBy(() -> SettingsFile.read(folder.resolve("none")))
        .hasMessage("--settings: there is no file " + folder.resolve("none"));
    assertThatThrownBy(() -> SettingsFile.read(folder)).hasMessageContaining("cannot be read");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, '=', (byte) 0xfe});
    assertThatThrownBy(() -> SettingsFile.read(binary)).hasMessageContaining("cannot be read");
    Path large = Files.writeString(folder.resolve("large"), "#".repeat(1_100_000));
    assertThatThrownBy(() -> SettingsFile.read(large)).hasMessageContaining("larger than 1 MB");
  }

  @Test
  void warnsIfOthersCanReadSecrets() throws Exception {
    SettingsFile secret = file("mqtt.username = edge", "mqtt.password = x");
    Files.setPosixFilePermissions(secret.path(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(secret.exposed())
        .hasValue(
            secret.path()
                + ": other users can read this file, which contains mqtt.password; chmod o-r");
    Files.setPosixFilePermissions(secret.path(), PosixFilePermissions.fromString("rw-r-----"));
    assertThat(secret.exposed()).isEmpty();
    SettingsFile open = file("mqtt.password =", "nats.servers = nats://localhost:4222");
    Files.setPosixFilePermissions(open.path(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(open.exposed()).isEmpty();
    assertThat(file("nats.servers = nats://TOKEN@host:4222").exposed())
        .get()
        .asString()
        .contains("nats.servers");
  }

  @Test
  void reportsUnknownKeysWithTheirLine() throws Exception {
    SettingsFile file =
        file(
            "# a comment",
            "mqtt.ulr = x",
            "MQTT_USERNAME = x",
            "mqtt.client.id = x",
            "orders.url = http://x",
            "mqtt.topic = t",
            "GATEWAYS = mqtt",
            "MQTT_PASSWORD_FILE = x");
    String path = file.path().toString();
    assertThat(new UnknownSettings(KnownSettings.keys()).in(file))
        .containsExactly(
            path + ":2: mqtt.ulr: unknown setting; did you mean mqtt.url?",
            path + ":3: MQTT_USERNAME: unknown setting; did you mean mqtt.username?",
            path + ":4: mqtt.client.id: unknown setting; did you mean mqtt.client-id?",
            path + ":7: GATEWAYS: unknown setting; did you mean gateways?",
            path + ":8: MQTT_PASSWORD_FILE: only an environment variable can name a file");
  }

  @Test
  void namesThePlaceOfAnInvalidValueUnlessTheEnvironmentOverridesIt() throws Exception {
    SettingsFile file = file("", "http.port = web");
    assertThat(file.place("http.port", Map.of())).isEqualTo(file.path() + ":2: ");
    assertThat(file.place("http.port", Map.of("HTTP_PORT", "x"))).isEmpty();
    assertThat(file.place("http.port", Map.of("HTTP_PORT_FILE", "x"))).isEmpty();
    assertThat(file.place("http.host", Map.of())).isEmpty();
    Settings settings = settings(file);
    assertThatThrownBy(() -> settings.integer("http.port", 1, 2))
        .isInstanceOfSatisfying(
            SettingException.class,
            wrong ->
                assertThat(settings.describe(wrong))
                    .startsWith(file.path() + ":2: http.port: \"web\" must be"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqtt.password", "secrets_mqtt.password"})
  void systemdCredentialsOverrideIt(String name) throws Exception {
    Path credentials = Files.createDirectory(folder.resolve("credentials"));
    Files.writeString(credentials.resolve(name), "s3cret\n");
    Map<String, String> environment = Map.of("CREDENTIALS_DIRECTORY", credentials.toString());
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setLocation("classpath:application.properties");
    context.getPropertiesComponent().addPropertiesSource(file("mqtt.password = other"));
    SecretFiles.useIn(context, environment);
    assertThat(new Settings(context).find("mqtt.password")).hasValue("s3cret");
    assertThat(SecretFiles.credential("mqtt.username", environment)).isEmpty();
    assertThat(SecretFiles.credential("../credentials/" + name, environment)).isEmpty();
    assertThat(
            SecretFiles.credential(
                "mqtt.password",
                Map.of("CREDENTIALS_DIRECTORY", credentials.toString(), "MQTT_PASSWORD", "x")))
        .isEmpty();
  }

  @Test
  void keepsTheOrderOfTheFile() throws Exception {
    assertThat(List.copyOf(file("z.a = 1", "a.z = 2").keys())).containsExactly("z.a", "a.z");
  }
}
