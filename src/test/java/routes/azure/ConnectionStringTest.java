package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.settings.SettingException;

class ConnectionStringTest {
  static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  private static final String GOOD =
      "HostName=contoso.azure-devices.net;DeviceId=edge-1;SharedAccessKey=" + KEY;
  private static final String TOKEN =
      "SharedAccessSignature sr=contoso.azure-devices.net%2Fdevices%2Fedge-1&sig=a%3D&se=1893456000";

  static ConnectionString parse(String text) {
    return ConnectionString.parse("azure.connection-string", text);
  }

  @Test
  void readsTheStringOfADeviceAsThePortalShowsIt() {
    ConnectionString device = parse(GOOD);
    assertThat(device.hostName()).isEqualTo("contoso.azure-devices.net");
    assertThat(device.host()).isEqualTo("contoso.azure-devices.net");
    assertThat(device.clientId()).isEqualTo("edge-1");
    assertThat(device.resource()).isEqualTo("contoso.azure-devices.net/devices/edge-1");
    assertThat(device.key().orElseThrow()).asString().isEqualTo("0123456789abcdef0123456789abcdef");
    assertThat(device.x509()).isFalse();
  }

  @Test
  void ignoresCaseOrderAndBlanksOfKeys() {
    ConnectionString device =
        parse(" sharedaccesskey=" + KEY + " ; DEVICEID=edge-1; hostname=h.net ;");
    assertThat(device.resource()).isEqualTo("h.net/devices/edge-1");
  }

  @Test
  void readsAModuleBehindAGateway() {
    ConnectionString device = parse(GOOD + ";ModuleId=m;GatewayHostName=gw.lan");
    assertThat(device.host()).isEqualTo("gw.lan");
    assertThat(device.clientId()).isEqualTo("edge-1/m");
    assertThat(device.resource()).isEqualTo("contoso.azure-devices.net/devices/edge-1/modules/m");
  }

  @Test
  void decodesTheDeviceId() {
    ConnectionString device = parse("HostName=h.net;DeviceId=a%40b%3D1;SharedAccessKey=" + KEY);
    assertThat(device.deviceId()).isEqualTo("a@b=1");
  }

  @Test
  void readsOtherCredentials() {
    assertThat(parse("HostName=h.net;DeviceId=a;X509=True").x509()).isTrue();
    ConnectionString given =
        parse("HostName=contoso.azure-devices.net;DeviceId=edge-1;SharedAccessSignature=" + TOKEN);
    assertThat(given.signature().orElseThrow().text()).isEqualTo(TOKEN);
    assertThat(given.x509()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x | contains a part other than",
        "DeviceId=a;SharedAccessKey=KEY | lacks HostName",
        "HostName=h.net;SharedAccessKey=KEY | lacks DeviceId",
        "HostName=h.net;DeviceId=a | lacks one of SharedAccessKey, SharedAccessSignature and x509=true",
        "HostName=h.net;DeviceId=a;SharedAccessKey=KEY;x509=true | contains more than one of",
        "HostName=h.net;DeviceId=a;SharedAccessKey=KEY;SharedAccessSignature=x | more than one of",
        "HostName=h.net;DeviceId=a;SharedAccessKey=KEY;trailing | contains a part other than",
        "HostName=h.net;DeviceId=a;SharedAccessKey=KEY;Color=red | contains a part other than",
        "HostName=h.net;DeviceId=a;SharedAccessKey=KEY;DeviceId=b | contains DeviceId twice",
        "HostName=h.net;DeviceId=a;SharedAccessKey=KEY!! | a SharedAccessKey that is not base64",
        "HostName=h.net;DeviceId=a;SharedAccessKey=c2hvcnQ= | that is not 16 to 64 bytes long",
        "HostName=h.net;DeviceId=a;SharedAccessKey= | has no value for SharedAccessKey",
        "HostName=https://h.net;DeviceId=a;SharedAccessKey=KEY | invalid host name for HostName",
        "HostName=h.net;DeviceId=a b;SharedAccessKey=KEY | has an invalid DeviceId",
        "HostName=h.net;DeviceId=a/b;SharedAccessKey=KEY | has an invalid DeviceId",
        "HostName=h.net;DeviceId=a%2Fb;SharedAccessKey=KEY | has an invalid DeviceId",
        "HostName=h.net;DeviceId=a#;SharedAccessKey=KEY | has an invalid DeviceId",
        "HostName=h.net;DeviceId=a%;SharedAccessKey=KEY | has a % without two hexadecimal digits",
        "HostName=h.net;DeviceId=a;ModuleId=m/n;SharedAccessKey=KEY | invalid ModuleId",
        "HostName=h.net;DeviceId=a;x509=false | has a value other than true for x509",
        "HostName=h.net;DeviceId=a;SharedAccessSignature=sig | has a SharedAccessSignature that",
        "HostName=h.net;DeviceId=a;GatewayHostName=a b;SharedAccessKey=KEY | for GatewayHostName",
      })
  void reportsAMalformedStringInOneLineWithTheFix(String text, String problem) {
    assertThatThrownBy(() -> parse(text.replace("KEY", KEY)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("azure.connection-string: ")
        .hasMessageContaining(problem)
        .hasMessageContaining("use the device's own HostName=...;DeviceId=...;SharedAccessKey=...")
        .message()
        .doesNotContain(KEY, "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HostName=h.net;SharedAccessKeyName=iothubowner;SharedAccessKey=KEY",
        "HostName=h.net;SharedAccessKeyName=iothubowner;SharedAccessKey=KEY;DeviceId=edge-1"
      })
  void rejectsTheStringOfTheHubOwner(String text) {
    assertThatThrownBy(() -> parse(text.replace("KEY", KEY)))
        .hasMessageStartingWith(
            "azure.connection-string: contains SharedAccessKeyName, so it belongs to the hub and"
                + " gives access to every device; use the device's own ")
        .message()
        .doesNotContain(KEY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sr=h.net%2Fdevices%2Fa&sig=a&se=1",
        "SharedAccessSignature sr=h.net%2Fdevices%2Fa&sig=a",
        "SharedAccessSignature sr=h.net%2Fdevices%2Fa&sig=a&se=soon",
        "SharedAccessSignature sr=h.net%2Fdevices%2Fb&sig=a&se=1893456000",
        "SharedAccessSignature sr=h.net%2Fdevices%2F&sig=a&se=1893456000",
        "SharedAccessSignature sr=h.net%2Fdevices%2Fab&sig=a&se=1893456000"
      })
  void rejectsAMalformedTokenAndOneOfAnotherDevice(String token) {
    String text = "HostName=h.net;DeviceId=a;SharedAccessSignature=" + token;
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(SettingException.class)
        .message()
        .contains("SharedAccessSignature")
        .doesNotContain("sig=a");
  }

  @Test
  void anErrorNamesTheSettingOfTheInstance() {
    assertThatThrownBy(() -> ConnectionString.parse("azure-eu.connection-string", "x"))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("azure-eu.connection-string: contains a part other than");
  }

  @Test
  void printsAStringWithoutItsSecrets() {
    assertThat(parse(GOOD))
        .hasToString("ConnectionString[contoso.azure-devices.net/devices/edge-1]");
    assertThat(SasToken.given(TOKEN))
        .hasToString(
            "SasToken[contoso.azure-devices.net/devices/edge-1 until 2030-01-01T00:00:00Z]");
  }
}
