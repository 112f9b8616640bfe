package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.link.ShortConnection;
import routes.sandbox.ForwardProxy;
import routes.sandbox.aws.FleetProvisioning.Step;
import routes.sandbox.aws.SandboxAws;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.tls.PemFile;
import routes.uplink.GatewaySettings;
import routes.uplink.IdentityFile;
import routes.uplink.Provisioning;
import routes.uplink.ProvisioningException;
import routes.uplink.TestSettings;

/** Fleet provisioning by claim with the stand-in account. */
@Timeout(120)
class AwsProvisionerTest {
  private static final String TEMPLATE = "edge-devices";

  @TempDir Path folder;
  private Certificates certificates;
  private SandboxAws aws;
  private Map<String, String> claim;

  @BeforeEach
  void start() {
    certificates = new Certificates(folder);
    aws = new SandboxAws(folder.resolve("landed"), certificates, "other").start(0);
    aws.provisioning.template(TEMPLATE, "line-");
    claim = aws.claim(TEMPLATE);
  }

  @AfterEach
  void stop() {
    aws.close();
  }

  /** The settings of a new device, with changes as alternating keys and values. */
  private GatewaySettings settings(String name, String... changes) {
    Map<String, String> all = new HashMap<>();
    claim.forEach(
        (variable, value) ->
            all.put(
                variable
                    .toLowerCase(Locale.ROOT)
                    .replace("aws_provisioning_", name + ".provisioning.")
                    .replace("aws_", name + ".")
                    .replace('_', '-'),
                value));
    all.put("gateways", name);
    all.put("data.directory", folder.resolve("data").toString());
    for (int i = 0; i < changes.length; i += 2) {
      all.put(name + "." + changes[i], changes[i + 1]);
    }
    return new GatewaySettings(new Settings(TestSettings.context(all)), "aws", name);
  }

  private static Provisioning provisioning(GatewaySettings settings) {
    List<Provisioning> all =
        Provisioning.of(settings.all(), Set.of("aws"), Map.of("aws", AwsProvisioner::open));
    return all.get(0);
  }

  private static void assertFails(GatewaySettings settings, String why) {
    assertThatThrownBy(() -> provisioning(settings).run())
        .isInstanceOf(ProvisioningException.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining("BEGIN");
    assertThat(IdentityFile.of(settings).exists()).isFalse();
  }

  /** The thing's certificate connects, with the thing's name as client id. */
  private void assertConnects(GatewaySettings settings, String thing) throws Exception {
    AwsSettings read = AwsSettings.read(settings);
    assertThat(read.connection().clientId()).isEqualTo(thing);
    ShortConnection.open(read.connection(), read.credentials()).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws", "aws-eu"})
  void aClaimGivesADeviceItsCertificateAndThing(String gateway) throws Exception {
    GatewaySettings settings = settings(gateway);
    Provisioning provisioning = provisioning(settings);
    assertThat(provisioning.reason()).contains("not provisioned yet");
    provisioning.run();
    assertThat(provisioning.reason()).isEmpty();
    assertThat(provisioning.described()).startsWith("thing line-edge-1, certificate ");
    assertConnects(settings, "line-edge-1");
    Path file = provisioning.file().path();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file).hasFileName("identity-" + gateway);
    assertThat(new PemFile("x", file).privateKey().getAlgorithm()).isEqualTo("EC");
    assertThat(provisioning(settings(gateway)).reason()).isEmpty();
    assertThat(aws.provisioning.activated).hasValue(1);
  }

  /** The proxy sends what is meant for port 443 to the stand-in, which requires ALPN there. */
  @ParameterizedTest
  @ValueSource(strings = {"http", "socks5"})
  void port443RequestsMqttByAlpnThroughTheProxy(String scheme) throws Exception {
    SandboxAws port443 = aws.start443(0);
    port443.provisioning.template(TEMPLATE, "line-");
    try (ForwardProxy proxy = new ForwardProxy(port443::port)) {
      GatewaySettings settings =
          settings(
              "aws",
              "endpoint",
              "localhost:443",
              "proxy",
              scheme + "://127.0.0.1:" + proxy.port(),
              "proxy-username",
              ForwardProxy.USER,
              "proxy-password",
              ForwardProxy.PASSWORD);
      provisioning(settings).run();
      assertThat(proxy.asked).containsExactly("localhost:443");
      assertConnects(settings, "line-edge-1");
    }
  }

  @Test
  void awsMayCreateTheKey() throws Exception {
    Certificates.Identity loose = certificates.client("claim", Certificates.ec());
    String policy =
        SandboxAws.policy(Path.of("docs/aws-claim-policy.json"))
            .replace("TEMPLATE", TEMPLATE)
            .replace("create-from-csr", "create");
    aws.register(loose.certificate(), policy, null);
    GatewaySettings settings =
        settings(
            "aws",
            "provisioning.key-from",
            "aws",
            "provisioning.claim-certificate",
            certificates.write(loose.certificate()).toString(),
            "provisioning.claim-private-key",
            certificates.writePkcs8(loose.keys().getPrivate()).toString());
    provisioning(settings).run();
    assertConnects(settings, "line-edge-1");
    Path file = IdentityFile.of(settings).path();
    assertThat(new PemFile("x", file).privateKey().getAlgorithm()).isEqualTo("RSA");
  }

  @Test
  void theClaimPolicyPermitsNothingElse() {
    assertFails(
        settings("aws", "provisioning.key-from", "aws"),
        "check that it is allowed (aws.provisioning.claim-certificate and its policy)");
    aws.provisioning.template("other", "");
    assertFails(
        settings("aws", "provisioning.template", "other"),
        "SUBSCRIBE to $aws/provisioning-templates/other/provision/json/accepted; check that it is"
            + " allowed (aws.provisioning.claim-certificate and its policy)");
  }

  @Test
  void anUnknownTemplateIsNamed() {
    claim = aws.claim("gone");
    assertFails(settings("aws"), "aws.provisioning.template: the template gone was refused: 404");
  }

  @Test
  void aMissingParameterIsNamed() {
    aws.provisioning.template(TEMPLATE, "line-", "Site");
    assertFails(
        settings("aws"), "aws.provisioning.parameters: the template edge-devices was refus");
    assertFails(settings("aws"), "Parameter Site has no value.");
    assertFails(
        settings("aws", "provisioning.parameters", "Site=berlin"), "Parameter SerialNumber");
  }

  @Test
  void parametersReachTheTemplate() throws Exception {
    aws.provisioning.template(TEMPLATE, "", "Site");
    GatewaySettings settings =
        settings("aws", "provisioning.parameters", "Site = berlin, SerialNumber=A7");
    provisioning(settings).run();
    assertConnects(settings, "A7");
  }

  @Test
  void aNameThatNoThingCanHaveIsNotStored() {
    assertFails(settings("aws", "provisioning.parameters", "SerialNumber=a b"), "an invalid name");
  }

  @Test
  void aHookThatRefusesIsNamed() {
    aws.provisioning.hook = parameters -> !parameters.get("SerialNumber").equals("edge-1");
    assertFails(settings("aws"), "403 AccessDenied");
    assertFails(settings("aws"), "pre-provisioning hook");
  }

  @Test
  void anExpiredTokenIsNamed() {
    aws.provisioning.tokenLife = Duration.ZERO;
    assertFails(settings("aws"), "AWS no longer accepts the new certificate");
  }

  @Test
  void aBusyAccountIsNamed() {
    aws.provisioning.throttled.set(1);
    assertFails(settings("aws"), "AWS is busy: 429 Throttled Rate exceeded.");
  }

  @Test
  void anUnknownClaimCertificateIsNamed() {
    Certificates.Identity unknown = certificates.client("claim", Certificates.ec());
    assertFails(
        settings(
            "aws",
            "provisioning.claim-certificate",
            certificates.write(unknown.certificate()).toString(),
            "provisioning.claim-private-key",
            certificates.writePkcs8(unknown.keys().getPrivate()).toString()),
        "not authorized (aws.provisioning.claim-certificate and its policy)");
  }

  @Test
  void anUnreachableEndpointIsNamed() {
    aws.close();
    assertFails(settings("aws"), "unreachable: connection refused at localhost:");
  }

  static Stream<List<String>> invalid() {
    return Stream.of(
        List.of("aws.provisioning.template: \"a b\"", "provisioning.template", "a b"),
        List.of("aws.provisioning.key-from: \"x\" must", "provisioning.key-from", "x"),
        List.of("aws.provisioning.parameters: \"x\"", "provisioning.parameters", "x"),
        List.of("aws.provisioning.claim-certificate: is not", "provisioning.claim-certificate", ""),
        List.of("aws.provisioning.claim-private-key: is not", "provisioning.claim-private-key", ""),
        List.of("aws.endpoint: is not set", "endpoint", ""));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void anInvalidSettingIsNamed(List<String> error) {
    assertThatThrownBy(() -> provisioning(settings("aws", error.get(1), error.get(2))))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(error.get(0));
  }

  @Test
  void aClaimCertificateThatHasExpiredIsNamed() {
    Certificates.Identity expired = certificates.expired("claim", Certificates.ec());
    assertThatThrownBy(
            () ->
                provisioning(
                        settings(
                            "aws",
                            "provisioning.claim-certificate",
                            certificates.write(expired.certificate()).toString(),
                            "provisioning.claim-private-key",
                            certificates.writePkcs8(expired.keys().getPrivate()).toString()))
                    .run())
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("aws.provisioning.claim-certificate: ")
        .hasMessageContaining("expired on");
  }

  @Test
  void aCertificateInTheSettingsTakesPrecedence() {
    Certificates.Identity own = certificates.client("edge-7", Certificates.ec());
    GatewaySettings settings =
        settings(
            "aws",
            "certificate",
            certificates.write(own.certificate()).toString(),
            "private-key",
            certificates.writePkcs8(own.keys().getPrivate()).toString());
    assertThat(AwsProvisioner.open(settings)).isEmpty();
    assertThat(AwsSettings.read(settings).connection().clientId()).isEqualTo("edge-1");
  }

  @Test
  void beforeProvisioningTheSettingsAreValidAndNothingConnects() {
    AwsSettings read = AwsSettings.read(settings("aws"));
    assertThatThrownBy(() -> read.credentials().get())
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "aws.provisioning.template: this device is not provisioned yet; run the subcommand"
                + " provision");
  }

  @Test
  void anotherTemplateOrParameterReplacesTheIdentity() throws Exception {
    provisioning(settings("aws")).run();
    Provisioning other = provisioning(settings("aws", "provisioning.parameters", "SerialNumber=9"));
    assertThat(other.reason()).contains("the stored identity belongs to another registration");
    other.run();
    assertThat(other.described()).startsWith("thing line-9, ");
  }

  @Test
  void anExpiredCertificateIsReplaced() throws Exception {
    GatewaySettings settings = settings("aws");
    provisioning(settings).run();
    Path file = IdentityFile.of(settings).path();
    Certificates.Identity old =
        certificates.client("x", Certificates.ec(), Instant.now().minusSeconds(60));
    String head = Files.readString(file).replaceFirst("(?s)-----BEGIN.*", "");
    Files.writeString(
        file,
        head
            + Files.readString(certificates.write(old.certificate()))
            + Files.readString(certificates.writePkcs8(old.keys().getPrivate())));
    assertThat(provisioning(settings).reason().orElseThrow())
        .startsWith("the stored certificate expired on ");
    assertThatThrownBy(() -> AwsSettings.read(settings).credentials().get())
        .hasMessageContaining("not provisioned yet");
    provisioning(settings).run();
    assertConnects(settings, "line-edge-1");
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void aConnectionLostAtAnyStepLeavesNothing(Step lost) throws Exception {
    aws.provisioning.holds =
        step -> {
          if (step == lost) {
            aws.cut();
          }
          return step == lost;
        };
    assertFails(settings("aws"), "the broker closed the connection");
    aws.provisioning.holds = step -> false;
    provisioning(settings("aws")).run();
    assertConnects(settings("aws"), "line-edge-1");
  }
}
