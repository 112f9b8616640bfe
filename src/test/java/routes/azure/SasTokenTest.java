package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import routes.link.Credential;
import routes.settings.SettingException;

class SasTokenTest {
  private static final byte[] KEY = Base64.getDecoder().decode(ConnectionStringTest.KEY);
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00.5Z");

  private static Credential credential(String secret) {
    return credentials(secret).get();
  }

  private static AzureCredentials credentials(String secret) {
    return new AzureCredentials(
        () -> ConnectionStringTest.parse("HostName=contoso.net;DeviceId=edge-1;" + secret),
        Duration.ofSeconds(5),
        Clock.fixed(NOW, ZoneOffset.UTC),
        "azure.connection-string");
  }

  private static String given(String end) {
    return "SharedAccessSignature sr=contoso.net%2Fdevices%2Fedge-1&sig=a%3D&se=" + end;
  }

  @Test
  void signsWithAKnownKey() {
    SasToken token =
        SasToken.sign(
            "contoso.azure-devices.net/devices/synpse", KEY, Instant.ofEpochSecond(1893456000));
    assertThat(token.text())
        .isEqualTo(
            "SharedAccessSignature sr=contoso.azure-devices.net%2Fdevices%2Fsynpse"
                + "&sig=m0LY1DMX8D1tSiG3xs7Ioa8qRwHBGtSMhpyeB%2F0AKQE%3D&se=1893456000");
  }

  @Test
  void createsATokenAtEachConnectAndRenewsItAt80PercentOfItsLife() {
    Credential credential = credential("SharedAccessKey=" + ConnectionStringTest.KEY);
    assertThat(credential.username()).contains("contoso.net/edge-1/?api-version=2021-04-12");
    SasToken token = SasToken.given(credential.password().orElseThrow());
    assertThat(token.resource()).isEqualTo("contoso.net/devices/edge-1");
    assertThat(token.expiry()).isEqualTo("2026-11-23T10:00:06Z");
    assertThat(credential.renewal()).contains(Duration.ofSeconds(4));
    assertThat(credential).hasToString("Credential[contoso.net/edge-1/?api-version=2021-04-12]");
  }

  @Test
  void onlyATokenThatWasCreatedElsewhereExpires() {
    assertThat(credentials("SharedAccessSignature=" + given("1893456000")).expiry().end())
        .contains(Instant.ofEpochSecond(1893456000));
    assertThat(credentials("SharedAccessKey=" + ConnectionStringTest.KEY).expiry().end()).isEmpty();
  }

  @Test
  void usesTheUserNameOfAModule() {
    Credential credential = credential("ModuleId=m;SharedAccessKey=" + ConnectionStringTest.KEY);
    assertThat(credential.username()).contains("contoso.net/edge-1/m/?api-version=2021-04-12");
  }

  @Test
  void usesAFixedTokenUnchanged() {
    String token = given("1893456000");
    Credential credential = credential("SharedAccessSignature=" + token);
    assertThat(credential.password()).contains(token);
    assertThat(credential.renewal()).isEmpty();
  }

  @Test
  void reportsAnExpiredFixedToken() {
    String token = given(Long.toString(NOW.getEpochSecond()));
    assertThatThrownBy(() -> credential("SharedAccessSignature=" + token))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(
            "azure.connection-string: its SharedAccessSignature expired at 2026-11-23T10:00:00Z;"
                + " replace it, or ");
  }

  @Test
  void usesNoPasswordWithACertificate() {
    Credential credential = credential("x509=true");
    assertThat(credential.username()).contains("contoso.net/edge-1/?api-version=2021-04-12");
    assertThat(credential.password()).isEmpty();
    assertThat(credential.renewal()).isEmpty();
  }
}
