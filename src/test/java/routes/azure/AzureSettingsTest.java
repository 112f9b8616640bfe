package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;
import routes.link.ConnectionSettings;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;
import routes.uplink.TestSettings;

class AzureSettingsTest {
  private static final String DEVICE =
      "HostName=contoso.net;DeviceId=edge-1;SharedAccessKey=" + ConnectionStringTest.KEY;

  /** The default settings, as application.properties has them, with changes. */
  static GatewaySettings settings(Map<String, String> changes) {
    return TestSettings.of("azure", changes, "device.id", "host-1");
  }

  private static ConnectionSettings read(Map<String, String> changes) {
    return AzureSettings.read(settings(changes)).connection();
  }

  @Test
  void connectsADeviceWithTheDefaults() {
    ConnectionSettings connection = read(Map.of("azure.connection-string", DEVICE));
    assertThat(connection.url()).hasToString("ssl://contoso.net:8883");
    assertThat(connection.clientId()).isEqualTo("edge-1");
    assertThat(connection.cleanSession()).isFalse();
    assertThat(connection.policy().inFlight()).isEqualTo(16);
    assertThat(connection.policy().largestPayload()).isBetween(255 * 1024, 256 * 1024);
    assertThat(connection.policy().greetings()).hasSize(1);
  }

  @Test
  void port443UsesAWebSocket() {
    assertThat(read(Map.of("azure.connection-string", DEVICE, "azure.port", "443")).url())
        .hasToString("wss://contoso.net:443/$iothub/websocket?iothub-no-client-cert=true");
  }

  @Test
  void connectsToTheGatewayHostName() {
    AzureSettings settings =
        AzureSettings.read(
            settings(Map.of("azure.connection-string", DEVICE + ";GatewayHostName=gw.lan")));
    assertThat(settings.connection().url()).hasToString("ssl://gw.lan:8883");
    assertThat(settings.credentials().get().username().orElseThrow()).startsWith("contoso.net/");
  }

  private static GatewaySettings fromFile(Path file) {
    CamelContext context = TestSettings.context(Map.of());
    SecretFiles.useIn(context, Map.of("AZURE_CONNECTION_STRING_FILE", file.toString()));
    return new GatewaySettings(new Settings(context), "azure", "azure");
  }

  private static String given(String signature) {
    return "HostName=contoso.net;DeviceId=edge-1;SharedAccessSignature=SharedAccessSignature"
        + " sr=contoso.net%2Fdevices%2Fedge-1&sig="
        + signature
        + "&se=4102444800";
  }

  @Test
  void readsTheConnectionStringAtEachConnect(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("string"), DEVICE + "\n");
    AzureSettings settings = AzureSettings.read(fromFile(file));
    Files.writeString(
        file,
        DEVICE.replace(ConnectionStringTest.KEY, "c2Vjb25kLWtleS1vZi0zMi1ieXRlcy0xMjM0NTY3ODk="));
    SasToken token = SasToken.given(settings.credentials().get().password().orElseThrow());
    SasToken expected =
        SasToken.sign(
            "contoso.net/devices/edge-1",
            "second-key-of-32-bytes-123456789".getBytes(StandardCharsets.US_ASCII),
            token.expiry());
    assertThat(token.text()).isEqualTo(expected.text());
    Files.writeString(file, given("a%3D"));
    assertThat(settings.credentials().get().password().orElseThrow()).contains("sig=a%3D");
    Files.writeString(file, given("b%3D"));
    assertThat(settings.credentials().get().password().orElseThrow()).contains("sig=b%3D");
  }

  @ParameterizedTest
  @CsvSource({
    "DeviceId=edge-1, DeviceId=edge-2",
    "HostName=contoso.net, HostName=other.net",
    "HostName=, GatewayHostName=gw.lan;HostName=",
  })
  void changingTheDeviceRequiresARestart(String from, String to, @TempDir Path folder)
      throws Exception {
    Path file = Files.writeString(folder.resolve("string"), DEVICE);
    AzureSettings settings = AzureSettings.read(fromFile(file));
    Files.writeString(file, DEVICE.replace(from, to));
    assertThatThrownBy(() -> settings.credentials().get())
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("azure.connection-string: HostName, DeviceId")
        .hasMessageNotContaining(ConnectionStringTest.KEY);
    Files.writeString(file, "nonsense");
    assertThatThrownBy(() -> settings.credentials().get()).isInstanceOf(SettingException.class);
    Files.writeString(file, DEVICE);
    assertThat(settings.credentials().get().password()).isPresent();
  }

  @Test
  void connectsWithACertificateInsteadOfAKey(@TempDir Path folder) {
    Certificates certificates = new Certificates(folder);
    Certificates.Identity device = certificates.client("edge-1", Certificates.ec());
    ConnectionSettings connection =
        read(
            Map.of(
                "azure.connection-string",
                "HostName=contoso.net;DeviceId=edge-1;x509=true",
                "azure.port",
                "443",
                "azure.certificate",
                certificates.write(device.certificate()).toString(),
                "azure.private-key",
                certificates.writePkcs8(device.keys().getPrivate()).toString()));
    assertThat(connection.url()).hasToString("wss://contoso.net:443/$iothub/websocket");
    assertThat(connection.names().certificate()).isEqualTo("azure.certificate");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "azure.connection-string | '' | is not set; set it to the device's HostName=...;",
        "azure.connection-string | HostName=h.net;DeviceId=a;x509=true | azure.certificate: is not"
            + " set; set it to the PEM file of this device's certificate, because"
            + " azure.connection-string contains x509=true",
        "azure.certificate | pom.xml | is set but not used; remove it",
        "azure.private-key | pom.xml | is set but not used; remove it",
        "azure.ca | pom.xml | pom.xml",
        "azure.token-lifetime | 4s | must be between 5s and 365d",
        "azure.token-lifetime | 366d | must be between 5s and 365d",
        "azure.in-flight | 101 | must be a number between 1 and 100",
        "azure.keep-alive | 1178s | must be between 1s and 1177s",
        "azure.port | 0 | must be a number between 1 and 65535",
        "device.labels | berlin | is not a label",
        "device.labels | kind=x | \"kind\" cannot be a label at IoT Hub, where each message has the properties kind and device; rename it",
        "device.labels | device=x | \"device\" cannot be a label at IoT Hub",
      })
  void namesAnInvalidSetting(String key, String value, String problem) {
    Map<String, String> changes = new HashMap<>();
    changes.put("azure.connection-string", DEVICE);
    changes.put(key, value);
    GatewaySettings settings = settings(changes);
    assertThatThrownBy(() -> AzureSettings.read(settings))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(problem)
        .message()
        .doesNotContain(ConnectionStringTest.KEY, "\n");
  }

  @Test
  void rejectsAnExpiredFixedToken() {
    String token = "SharedAccessSignature sr=contoso.net%2Fdevices%2Fedge-1&sig=a%3D&se=1000000000";
    GatewaySettings settings =
        settings(
            Map.of(
                "azure.connection-string",
                "HostName=contoso.net;DeviceId=edge-1;SharedAccessSignature=" + token));
    assertThatThrownBy(() -> AzureSettings.read(settings))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("expired at 2001-09-09T01:46:40Z");
  }
}
