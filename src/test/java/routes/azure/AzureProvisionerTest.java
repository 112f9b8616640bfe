package routes.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import routes.Certificates;
import routes.link.ConnectionSettings;
import routes.sandbox.ForwardProxy;
import routes.sandbox.azure.DpsEnrollment;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.azure.SandboxDps;
import routes.sandbox.azure.SandboxDps.Step;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;
import routes.uplink.IdentityFile;
import routes.uplink.ProvisionCommand;
import routes.uplink.Provisioning;
import routes.uplink.ProvisioningException;
import routes.uplink.TestSettings;

/** Registration with the stand-in of the Device Provisioning Service. */
@Timeout(120)
class AzureProvisionerTest {
  private static final String GROUP_KEY = key("group-key-of-the-enrollment-12345");
  private static final String OTHER_KEY = key("another-key-of-32-bytes-xxxxxxxx");

  @TempDir Path folder;
  private Certificates certificates;
  private SandboxAzure hub;
  private SandboxDps service;

  private static String key(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  @BeforeEach
  void start() {
    certificates = new Certificates(folder);
    hub = new SandboxAzure(folder.resolve("landed"), certificates).start(0);
    service = new SandboxDps(hub, certificates).start(0);
    service.retryAfter = 0;
  }

  @AfterEach
  void stop() {
    service.close();
    hub.close();
  }

  /** The service's settings for a gateway, with changes as alternating keys and values. */
  private GatewaySettings settings(String name, String... changes) {
    Map<String, String> all = new HashMap<>();
    service
        .settings()
        .forEach(
            (variable, value) ->
                all.put(
                    variable
                        .toLowerCase(Locale.ROOT)
                        .replace("azure_dps_", name + ".dps.")
                        .replace("azure_", name + ".")
                        .replace('_', '-'),
                    value));
    all.put("gateways", name);
    all.put("data.directory", folder.resolve("data").toString());
    for (int i = 0; i < changes.length; i += 2) {
      all.put(name + "." + changes[i], changes[i + 1]);
    }
    return new GatewaySettings(new Settings(TestSettings.context(all)), "azure", name);
  }

  private static Provisioning provisioning(GatewaySettings settings) {
    List<Provisioning> all =
        Provisioning.of(settings.all(), Set.of("azure"), Map.of("azure", AzureProvisioner::open));
    return all.get(0);
  }

  private static ConnectionSettings connection(GatewaySettings settings) {
    return AzureSettings.read(settings).connection();
  }

  private static void assertFails(GatewaySettings settings, String why) {
    assertThatThrownBy(() -> provisioning(settings).run())
        .isInstanceOf(ProvisioningException.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining(GROUP_KEY);
    assertThat(IdentityFile.of(settings).exists()).isFalse();
  }

  @Test
  void derivesTheKeyOfADeviceAsTheManualDoes() {
    // learn.microsoft.com/azure/iot-dps/how-to-provision-multitenant
    GatewaySettings settings =
        settings(
            "azure",
            "dps.registration-id",
            "contoso-simdevice-east",
            "dps.group-key",
            "rLuyBPpIJ+hOre2SFIP9Ajvdty3j0EwSP/WvTVH9eZAw5HpDuEmf13nziHy5RRXmuTy84FCLpOnhhBPASSbHYg==");
    assertThat(Registration.read(settings).orElseThrow().key())
        .contains("p3w2DQr9WqEGBLUSlFi1jPQ7UWQL4siAGy75HFTFbf8=");
  }

  @Test
  void aGroupKeyGivesADeviceItsHub() throws Exception {
    service.enrollGroup(GROUP_KEY);
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    Provisioning provisioning = provisioning(settings);
    assertThat(provisioning.reason()).contains("not provisioned yet");
    provisioning.run();
    assertThat(provisioning.reason()).isEmpty();
    assertThat(provisioning.described()).isEqualTo("device edge-1 at localhost");
    assertThat(connection(settings).url()).hasToString("ssl://localhost:" + hub.port());
    assertThat(connection(settings).clientId()).isEqualTo("edge-1");
    assertThat(AzureSettings.read(settings).credentials().get().password().orElseThrow())
        .contains("sr=localhost%2Fdevices%2Fedge-1&")
        .doesNotContain("skn");
    Path file = provisioning.file().path();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).doesNotContain(GROUP_KEY);
    assertThat(service.earlyPolls).hasValue(0);
  }

  @Test
  void anIndividualEnrollmentMayNameTheDevice() throws Exception {
    service.enroll("line-7", "pump=7", OTHER_KEY);
    GatewaySettings settings =
        settings("azure", "dps.registration-id", "line-7", "dps.device-key", OTHER_KEY);
    provisioning(settings).run();
    assertThat(connection(settings).clientId()).isEqualTo("pump=7");
  }

  @Test
  void anInvalidDeviceIdIsNotStored() {
    service.enroll("edge-1", "a b", OTHER_KEY);
    assertFails(settings("azure", "dps.device-key", OTHER_KEY), "an invalid hub or device id");
  }

  @Test
  void theStoredKeyIsKeptWhenTheDeviceRegistersAgainWithoutTheGroupKey() throws Exception {
    service.enrollGroup(GROUP_KEY);
    provisioning(settings("azure", "dps.group-key", GROUP_KEY)).run();
    provisioning(settings("azure")).run();
    assertThat(service.assigned).hasValue(2);
    assertThat(AzureSettings.read(settings("azure")).credentials().get().password()).isPresent();
  }

  @Test
  void theGroupKeyIsNotNeededAfterwards() throws Exception {
    service.enrollGroup(GROUP_KEY);
    provisioning(settings("azure", "dps.group-key", GROUP_KEY)).run();
    GatewaySettings without = settings("azure");
    assertThat(provisioning(without).reason()).isEmpty();
    assertThat(AzureSettings.read(without).credentials().get().password()).isPresent();
  }

  @Test
  void instancesHaveTheirOwnRegistrations() throws Exception {
    service.enrollGroup(GROUP_KEY);
    GatewaySettings settings = settings("azure-eu", "dps.group-key", GROUP_KEY);
    Provisioning provisioning = provisioning(settings);
    provisioning.run();
    assertThat(provisioning.gateway()).isEqualTo("azure-eu");
    assertThat(provisioning.file().path()).hasFileName("identity-azure-eu");
    assertThat(connection(settings).clientId()).isEqualTo("edge-1");
  }

  @Test
  void aCertificateOfTheGroupsCaIdentifiesTheDevice() throws Exception {
    service.enrollGroup(certificates.ca().certificate());
    GatewaySettings settings = withCertificate("edge-1");
    provisioning(settings).run();
    AzureSettings read = AzureSettings.read(settings);
    assertThat(read.credentials().get().password()).isEmpty();
    assertThat(read.connection().clientId()).isEqualTo("edge-1");
    assertThat(Files.readString(IdentityFile.of(settings).path())).doesNotContain("key:");
  }

  private GatewaySettings withCertificate(String name, String... changes) {
    Certificates.Identity device = certificates.client(name, Certificates.ec());
    List<String> all =
        new ArrayList<>(
            List.of(
                "certificate", certificates.write(device.certificate()).toString(),
                "private-key", certificates.writePkcs8(device.keys().getPrivate()).toString()));
    all.addAll(List.of(changes));
    return settings("azure", all.toArray(String[]::new));
  }

  /** The proxy sends what is meant for port 443 to the stand-in, which serves only WebSocket. */
  @ParameterizedTest
  @CsvSource({"http, key", "http, certificate", "socks5, key"})
  void port443UsesAWebSocketThroughTheProxy(String scheme, String credential) throws Exception {
    service.close();
    service = new SandboxDps(hub, certificates);
    service.withWebSocket("/$iothub/websocket").withDifficultWebSocket();
    service.start(0).retryAfter = 0;
    try (ForwardProxy proxy = new ForwardProxy(service::port)) {
      Map<String, String> way =
          new HashMap<>(
              Map.of(
                  "dps.host",
                  "localhost",
                  "port",
                  "443",
                  "proxy",
                  scheme + "://127.0.0.1:" + proxy.port(),
                  "proxy-username",
                  ForwardProxy.USER,
                  "proxy-password",
                  ForwardProxy.PASSWORD));
      if (credential.equals("key")) {
        service.enrollGroup(GROUP_KEY);
        way.put("dps.group-key", GROUP_KEY);
      } else {
        service.enrollGroup(certificates.ca().certificate());
      }
      String[] changes =
          way.entrySet().stream()
              .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
              .toArray(String[]::new);
      GatewaySettings settings =
          credential.equals("key")
              ? settings("azure", changes)
              : withCertificate("edge-1", changes);
      provisioning(settings).run();
      assertThat(proxy.asked).containsExactly("localhost:443");
      assertThat(connection(settings).url().toString()).startsWith("wss://localhost:443/$iothub/");
    }
  }

  @Test
  void aCertificateOfAnotherNameIsAnError() {
    assertThatThrownBy(() -> provisioning(withCertificate("edge-2")))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("azure.dps.registration-id")
        .hasMessageContaining("set it to \"edge-2\"");
  }

  @Test
  void anUnknownCertificateIsRefused() {
    service.enroll("edge-1", certificates.client("edge-1", Certificates.ec()).certificate());
    assertFails(withCertificate("edge-1"), "azure.certificate: the service refuses");
  }

  @Test
  void waitsForAsLongAsTheServiceAsks() throws Exception {
    service.enrollGroup(GROUP_KEY);
    service.retryAfter = 1;
    service.pollsUntilAssigned = 2;
    long start = System.nanoTime();
    provisioning(settings("azure", "dps.group-key", GROUP_KEY)).run();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(3));
    assertThat(service.earlyPolls).hasValue(0);
  }

  @Test
  void aBusyServiceNamesThePause() {
    service.enrollGroup(GROUP_KEY);
    service.retryAfter = 17;
    service.throttled.set(1);
    assertThatThrownBy(() -> provisioning(settings("azure", "dps.group-key", GROUP_KEY)).run())
        .isInstanceOfSatisfying(
            ProvisioningException.class,
            e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(17)))
        .hasMessageContaining("busy")
        .hasMessageContaining("17 s");
  }

  @Test
  void aDisabledEnrollmentIsNamed() {
    service.enrollGroup(GROUP_KEY).enabled = false;
    assertFails(
        settings("azure", "dps.group-key", GROUP_KEY), "the enrollment of edge-1 is disabled");
  }

  @Test
  void aFailedAllocationIsNamed() {
    DpsEnrollment group = service.enrollGroup(GROUP_KEY);
    group.failure = 400209;
    assertFails(settings("azure", "dps.group-key", GROUP_KEY), "400209 Allocation failed.");
  }

  @ParameterizedTest
  @CsvSource({"dps.id-scope, 0ne00OTHER0", "dps.registration-id, edge-1", "dps.group-key, ''"})
  void aRefusalNamesWhatToCheck(String key, String value) {
    service.enroll("edge-9", "edge-9", GROUP_KEY);
    assertFails(
        value.isEmpty()
            ? settings("azure", "dps.group-key", OTHER_KEY)
            : settings("azure", "dps.group-key", GROUP_KEY, key, value),
        "refused: not authorized (azure.dps.id-scope, azure.dps.registration-id,"
            + " azure.dps.group-key and this device's clock)");
  }

  @Test
  void anUnreachableServiceIsNamed() {
    service.close();
    assertFails(settings("azure", "dps.group-key", GROUP_KEY), "unreachable: connection refused");
    assertFails(
        settings("azure", "dps.group-key", GROUP_KEY, "dps.host", "no-such-host.invalid"),
        "unreachable: unknown host no-such-host.invalid");
  }

  static Stream<List<String>> invalid() {
    return Stream.of(
        List.of("azure.dps.id-scope: is not an ID scope", "dps.id-scope", "a/b"),
        List.of("azure.dps.registration-id: \"a b\"", "dps.registration-id", "a b"),
        List.of("azure.dps.registration-id: \"edge_\"", "dps.registration-id", "edge_"),
        List.of("azure.dps.group-key: is not a symmetric key", "dps.group-key", "secret"),
        List.of("azure.dps.group-key: is not a symmetric key", "dps.group-key", "c2VjcmV0"),
        List.of("azure.dps.host: is not a host", "dps.host", "https://x"),
        List.of("azure.dps.host: is not a host", "dps.host", "x:99999"),
        List.of("azure.dps.device-key: both", "dps.device-key", OTHER_KEY),
        List.of("azure.dps.device-key: is not set", "dps.group-key", ""),
        List.of("azure.private-key: is not set", "certificate", "x.pem", "dps.group-key", ""));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anInvalidSettingIsNamed(List<String> error) {
    Map<String, String> changes = new HashMap<>(Map.of("dps.group-key", GROUP_KEY));
    for (int i = 1; i < error.size(); i += 2) {
      changes.put(error.get(i), error.get(i + 1));
    }
    String[] all =
        changes.entrySet().stream()
            .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
            .toArray(String[]::new);
    assertThatThrownBy(() -> provisioning(settings("azure", all)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(error.get(0))
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining(OTHER_KEY);
  }

  @Test
  void aConnectionStringTakesPrecedence() {
    GatewaySettings settings =
        settings(
            "azure",
            "connection-string",
            "HostName=contoso.net;DeviceId=edge-7;SharedAccessKey=" + OTHER_KEY);
    assertThat(AzureProvisioner.open(settings)).isEmpty();
    assertThat(connection(settings).clientId()).isEqualTo("edge-7");
  }

  @Test
  void beforeProvisioningTheSettingsAreValidAndNothingConnects() {
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    AzureSettings read = AzureSettings.read(settings);
    assertThatThrownBy(() -> read.credentials().get())
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "azure.dps.id-scope: this device is not provisioned yet; run the subcommand provision");
  }

  @Test
  void anotherRegistrationReplacesTheStoredIdentity() throws Exception {
    service.enrollGroup(GROUP_KEY);
    provisioning(settings("azure", "dps.group-key", GROUP_KEY)).run();
    Provisioning other =
        provisioning(
            settings("azure", "dps.group-key", GROUP_KEY, "dps.registration-id", "edge-2"));
    assertThat(other.reason()).contains("the stored identity belongs to another registration");
    other.run();
    assertThat(other.described()).isEqualTo("device edge-2 at localhost");
    assertThat(
            provisioning(
                    settings("azure", "dps.device-key", OTHER_KEY, "dps.registration-id", "edge-2"))
                .reason())
        .contains("the stored identity has another key or certificate");
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void aConnectionLostAtAnyStepLeavesNothing(Step lost) throws Exception {
    service.enrollGroup(GROUP_KEY);
    service.holds =
        step -> {
          if (step == lost) {
            service.cut();
          }
          return step == lost;
        };
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    assertFails(settings, "the broker closed the connection");
    service.holds = step -> false;
    provisioning(settings).run();
    assertThat(provisioning(settings).reason()).isEmpty();
  }

  @Test
  void aDamagedOrHalfWrittenFileIsReplaced() throws Exception {
    service.enrollGroup(GROUP_KEY);
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    provisioning(settings).run();
    Path file = IdentityFile.of(settings).path();
    String whole = Files.readString(file);
    Files.writeString(file, whole.substring(0, whole.length() - 5));
    assertThat(provisioning(settings).reason())
        .hasValueSatisfying(reason -> assertThat(reason).endsWith("identity-azure is damaged"));
    Files.writeString(file.resolveSibling("identity-azure.new"), "half");
    provisioning(settings).run();
    assertThat(Files.readString(file)).isEqualTo(whole);
    assertThat(file.resolveSibling("identity-azure.new")).doesNotExist();
  }

  @Test
  void aFolderThatCannotBeWrittenIsFoundBeforeTheServiceIsAsked() throws Exception {
    service.enrollGroup(GROUP_KEY);
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    Files.writeString(folder.resolve("data"), "a file, not a folder");
    assertThatThrownBy(() -> provisioning(settings).run())
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("data.directory: ")
        .hasMessageContaining("cannot be written");
    assertThat(service.assigned).hasValue(0);
  }

  private String command(int code, GatewaySettings settings, String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int exit =
        ProvisionCommand.run(
            List.of(words),
            settings.all(),
            Set.of("azure", "mqtt"),
            Map.of("azure", AzureProvisioner::open),
            out,
            out);
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertThat(exit).as(printed).isEqualTo(code);
    return printed;
  }

  @Test
  void theCommandDoesNothingTheSecondTime() {
    service.enrollGroup(GROUP_KEY);
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    assertThat(command(0, settings))
        .startsWith("azure: not provisioned yet; requesting an identity\n")
        .contains("azure: provisioned as device edge-1 at localhost; ");
    assertThat(command(0, settings, "azure"))
        .isEqualTo("azure: already provisioned as device edge-1 at localhost\n");
    assertThat(service.assigned).hasValue(1);
    assertThat(command(0, settings, "--again")).startsWith("azure: provisioning again;");
    assertThat(service.assigned).hasValue(2);
  }

  @Test
  void theCommandReportsErrors() {
    GatewaySettings settings = settings("azure", "dps.group-key", GROUP_KEY);
    assertThat(command(1, settings))
        .contains("provision: azure: refused: not authorized (azure.dps.id");
    assertThat(command(1, settings, "aws"))
        .isEqualTo("provision: aws: not among gateways; gateways that can be provisioned: azure\n");
    assertThat(command(1, settings, "mqtt"))
        .isEqualTo(
            "provision: mqtt: the kind mqtt has no provisioning; its settings hold the identity;"
                + " gateways that can be provisioned: azure\n");
    assertThat(command(2, settings, "--agian")).startsWith("usage: provision");
    assertThat(command(0, settings("azure", "dps.id-scope", "")))
        .isEqualTo("nothing to provision: no gateway's settings ask for an identity\n");
  }
}
