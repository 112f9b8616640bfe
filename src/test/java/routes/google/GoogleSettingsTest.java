package routes.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import routes.Certificates;
import routes.link.ConnectionSettings;
import routes.link.Credential;
import routes.sandbox.google.JwtCheck;
import routes.settings.SettingException;
import routes.uplink.GatewaySettings;
import routes.uplink.TestSettings;

class GoogleSettingsTest {
  @TempDir static Path folder;
  private static final KeyPair EC = Certificates.ec();
  private static final KeyPair RSA = Certificates.rsa();
  private static String ecFile;

  /**
   * The defaults of application.properties, the required settings, and {@code changes} as
   * alternating keys and values.
   */
  private static GatewaySettings with(String... changes) {
    if (ecFile == null) {
      ecFile = new Certificates(folder).writePkcs8(EC.getPrivate()).toString();
    }
    Map<String, String> required =
        Map.of(
            "google.project", "my-project",
            "google.region", "europe-west1",
            "google.registry", "my-registry",
            "google.private-key", ecFile);
    return TestSettings.of("google", required, changes);
  }

  @Test
  void connectsToClearBladeByDefault() {
    ConnectionSettings settings = GoogleSettings.connection(with());
    assertThat(settings.url()).hasToString("ssl://europe-west1-mqtt.clearblade.com:8883");
    assertThat(settings.clientId())
        .isEqualTo(
            "projects/my-project/locations/europe-west1/registries/my-registry/devices/edge-1");
    assertThat(settings.cleanSession()).isTrue();
    assertThat(settings.policy().inFlight()).isEqualTo(10);
    assertThat(settings.policy().largestPayload()).isEqualTo(262_144);
  }

  @ParameterizedTest
  @CsvSource({
    "eu.example.com, ssl://eu.example.com:8883",
    "eu.example.com:443, ssl://eu.example.com:443",
    "localhost:40001, ssl://localhost:40001"
  })
  void anEndpointHasAPortOrUsesTheDefault(String endpoint, String url) {
    assertThat(GoogleSettings.connection(with("google.endpoint", endpoint)).url()).hasToString(url);
  }

  @Test
  void createsANewCredentialAtEachConnect() throws Exception {
    Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    Path file = Files.copy(Path.of(keyFile(EC.getPrivate())), folder.resolve("changing.pem"));
    var credentials =
        GoogleSettings.credentials(
            with("google.private-key", file.toString(), "google.token-lifetime", "10s"), clock);
    Credential first = credentials.get();
    assertThat(first.username()).contains("unused");
    assertThat(first.renewal()).contains(Duration.ofSeconds(8));
    assertThat(JwtCheck.verifies(first.password().orElseThrow(), "ES256", EC.getPublic())).isTrue();
    assertThat(first.toString()).doesNotContain(first.password().orElseThrow());
    // Replacing the key file needs no restart.
    Files.copy(Path.of(keyFile(RSA.getPrivate())), file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(
            JwtCheck.verifies(credentials.get().password().orElseThrow(), "RS256", RSA.getPublic()))
        .isTrue();
  }

  private static String keyFile(PrivateKey key) {
    return new Certificates(folder).writePkcs8(key).toString();
  }

  private static String text(String pem) {
    return new Certificates(folder).writeText("key", pem).toString();
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** SEC1 with only the private number (RFC 5915, 3). */
  private static String bareSec1(PrivateKey key) {
    byte[] number = new byte[32];
    byte[] s = ((ECPrivateKey) key).getS().toByteArray();
    int length = Math.min(s.length, 32);
    System.arraycopy(s, s.length - length, number, 32 - length, length);
    return pem(
        "EC PRIVATE KEY",
        HexFormat.of().parseHex("30250201010420" + HexFormat.of().formatHex(number)));
  }

  /** SEC1 with its curve, as openssl writes it. */
  private static byte[] namedSec1(ECPrivateKey key, String curve) {
    try {
      int bits = key.getParams().getOrder().bitLength();
      return new org.bouncycastle.asn1.sec.ECPrivateKey(
              bits, key.getS(), new ASN1ObjectIdentifier(curve))
          .getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<Arguments> goodKeys() throws IOException {
    Certificates make = new Certificates(folder);
    ECPrivateKey key = (ECPrivateKey) EC.getPrivate();
    String sec1 = pem("EC PRIVATE KEY", namedSec1(key, "1.2.840.10045.3.1.7"));
    String parameters = pem("EC PARAMETERS", HexFormat.of().parseHex("06082a8648ce3d030107"));
    return Stream.of(
        Arguments.of("PKCS#8 EC", "ES256", keyFile(EC.getPrivate())),
        Arguments.of("PKCS#8 RSA", "RS256", keyFile(RSA.getPrivate())),
        Arguments.of("PKCS#1", "RS256", make.writeTraditional(RSA.getPrivate()).toString()),
        Arguments.of("SEC1", "ES256", text(sec1)),
        Arguments.of("SEC1 after EC PARAMETERS", "ES256", text(parameters + sec1)),
        Arguments.of("SEC1 without curve", "ES256", text(bareSec1(EC.getPrivate()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goodKeys")
  void signsWithEveryKeyFormat(String form, String algorithm, String file) {
    for (String set : new String[] {"", algorithm}) {
      GatewaySettings settings = with("google.private-key", file, "google.algorithm", set);
      GoogleSettings.connection(settings);
      String token =
          GoogleSettings.credentials(settings, Clock.systemUTC()).get().password().orElseThrow();
      KeyPair keys = algorithm.equals("ES256") ? EC : RSA;
      assertThat(JwtCheck.verifies(token, algorithm, keys.getPublic())).isTrue();
    }
  }

  private static PrivateKey generated(String algorithm, String curve, int bits)
      throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (curve != null) {
      generator.initialize(new ECGenParameterSpec(curve));
    } else if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair().getPrivate();
  }

  static Stream<Arguments> badKeys() throws GeneralSecurityException {
    Certificates make = new Certificates(folder);
    PrivateKey p384 = generated("EC", "secp384r1", 0);
    String certificate = make.write(make.client("d", EC).certificate()).toString();
    return Stream.of(
        Arguments.of(
            keyFile(generated("RSA", null, 1024)),
            "contains an RSA key of 1024 bits; use at least 2048"
                + " (openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048)"),
        Arguments.of(
            keyFile(p384),
            "contains an EC key on another curve; use P-256"
                + " (openssl ecparam -genkey -name prime256v1 -noout)"),
        Arguments.of(
            text(pem("EC PRIVATE KEY", namedSec1((ECPrivateKey) p384, "1.3.132.0.34"))),
            "contains an EC key on another curve; use P-256"
                + " (openssl ecparam -genkey -name prime256v1 -noout)"),
        Arguments.of(
            keyFile(generated("Ed25519", null, 0)),
            "contains a key of type EdDSA; use RSA or EC on P-256"),
        Arguments.of(certificate, "contains a certificate; use the private key"),
        Arguments.of(
            text(pem("PUBLIC KEY", EC.getPublic().getEncoded())),
            "contains a public key; use the private key"),
        Arguments.of(
            make.writeEncrypted(EC.getPrivate()).toString(),
            "contains an encrypted key; remove the passphrase (openssl pkey -in ...)"),
        Arguments.of(
            text(pem("EC PRIVATE KEY", new byte[] {0x30, 1})),
            "contains an unreadable key; use RSA or EC in PKCS#8, PKCS#1 or SEC1"),
        Arguments.of(
            make.writeTraditional(p384).toString(), // in SEC1, and names no curve
            "contains an unreadable key; use RSA or EC in PKCS#8, PKCS#1 or SEC1"),
        Arguments.of(
            text("hello"),
            "contains no private key; a line -----BEGIN PRIVATE KEY----- is missing"));
  }

  @ParameterizedTest
  @MethodSource("badKeys")
  void reportsAnInvalidKeyInOneLine(String file, String problem) {
    assertThatThrownBy(() -> GoogleSettings.connection(with("google.private-key", file)))
        .isInstanceOf(SettingException.class)
        .hasMessage("google.private-key: " + file + " " + problem);
  }

  @Test
  void reportsAnAlgorithmThatDoesNotMatchTheKeyInOneLine() {
    assertThatThrownBy(() -> GoogleSettings.connection(with("google.algorithm", "RS256")))
        .hasMessage(
            "google.algorithm: \"RS256\" does not match the EC key of google.private-key;"
                + " use ES256 or leave it empty");
    String rsa = keyFile(RSA.getPrivate());
    for (String wrong : new String[] {"ES256", "RS512", "none"}) {
      assertThatThrownBy(
              () ->
                  GoogleSettings.connection(
                      with("google.private-key", rsa, "google.algorithm", wrong)))
          .hasMessage(
              "google.algorithm: \""
                  + wrong
                  + "\" does not match the RSA key of google.private-key; use RS256 or leave it"
                  + " empty");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "google.project | '' | google.project: is not set; set it to the project's id",
        "google.project | 123456789012 | google.project: \"123456789012\" is invalid; use the project's id, such as my-project, not its number",
        "google.project | a/b-project | google.project: \"a/b-project\" is invalid; use the project's id",
        "google.region | '' | google.region: is not set; set it to the registry's region, such as us-central1",
        "google.region | europe | google.region: \"europe\" is invalid; use the registry's region",
        "google.registry | '' | google.registry: is not set; set it to the registry's id",
        "google.registry | r/x | google.registry: \"r/x\" is invalid; use the registry's id",
        "google.registry | goog-r | google.registry: \"goog-r\" is invalid; use the registry's id",
        "device.id | e1 | device.id: \"e1\" is invalid; use an id of 3 to 255 letters,",
        "device.id | 1edge | device.id: \"1edge\" is invalid; use an id of",
        "device.id | _edge | device.id: \"_edge\" is invalid; use an id of",
        "device.id | google1 | device.id: \"google1\" is invalid; use an id of",
        "google.endpoint | '' | google.endpoint: is not set; set it to a host or host:port",
        "google.endpoint | ssl://host:8883 | google.endpoint: \"ssl://host:8883\" is not host or host:port; remove ssl:// and the path",
        "google.endpoint | host:0 | google.endpoint: \"ssl://host:0\" is not a broker address",
        "google.endpoint | mqtt.googleapis.com | google.endpoint: Google retired IoT Core on 16 August 2023, and mqtt.googleapis.com no longer answers; remove this setting to use ClearBlade, which continues the protocol, or use the gateway pubsub to reach Google Cloud",
        "google.endpoint | MQTT.googleapis.com:443 | google.endpoint: Google retired IoT Core",
        "google.endpoint | cloudiotdevice.googleapis.com | google.endpoint: Google retired IoT Core",
        "google.endpoint | mqtt.2030.ltsapis.goog:8883 | google.endpoint: Google retired IoT Core",
        "google.private-key | '' | google.private-key: is not set; set it to the PEM file with this device's private key",
        "google.private-key | /no/such.pem | google.private-key: there is no file /no/such.pem",
        "google.ca | /no/such.pem | google.ca: there is no file /no/such.pem",
        "google.token-lifetime | 25h | google.token-lifetime: must be between 5s and 24h",
        "google.token-lifetime | 4999ms | google.token-lifetime: must be between 5s and 24h",
        "google.token-lifetime | soon | google.token-lifetime: \"soon\" is not a time",
        "google.in-flight | 0 | google.in-flight: \"0\" must be a number between 1 and 100",
        "google.in-flight | 101 | google.in-flight: \"101\" must be a number between 1 and 100",
        "google.keep-alive | 20m | google.keep-alive: must be between 1s and 1199s",
        "google.publish-timeout | 0s | google.publish-timeout: \"0s\" is not a time"
      })
  void reportsAnInvalidSettingInOneLine(String key, String value, String message) {
    assertThatThrownBy(() -> GoogleSettings.connection(with(key, value)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void acceptsTheLongestValues() {
    assertThatCode(
            () ->
                GoogleSettings.connection(
                    with(
                        "google.token-lifetime", "24h",
                        "google.keep-alive", "1199s",
                        "google.project", "example.com:my-project",
                        "device.id", "a".repeat(255))))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> GoogleSettings.connection(with("device.id", "a".repeat(256))))
        .hasMessageStartingWith("device.id: ");
  }
}
