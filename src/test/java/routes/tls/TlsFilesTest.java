package routes.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import routes.Certificates;
import routes.settings.SettingException;
import routes.settings.Settings;

/** PEM files, right and wrong. */
class TlsFilesTest {
  @TempDir static Path folder;

  @Test
  void everyFormOfKeyIsRead() {
    Certificates make = new Certificates(folder);
    for (KeyPair keys : new KeyPair[] {Certificates.rsa(), Certificates.ec()}) {
      String ca = make.write(make.ca().certificate()).toString();
      String certificate = make.write(make.client("d", keys).certificate()).toString();
      for (Path key :
          new Path[] {
            make.writePkcs8(keys.getPrivate()), make.writeTraditional(keys.getPrivate())
          }) {
        assertThat(tls(ca, certificate, key.toString()).get()).isNotNull();
      }
    }
    assertThat(tls("", "", "").get()).isNotNull();
  }

  static Stream<Arguments> mistakes() {
    Certificates make = new Certificates(folder);
    KeyPair keys = Certificates.ec();
    String certificate = make.write(make.client("d", keys).certificate()).toString();
    String key = make.writePkcs8(keys.getPrivate()).toString();
    String expired = make.write(make.expired("d", keys).certificate()).toString();
    String otherEc = make.writeTraditional(Certificates.ec().getPrivate()).toString();
    String otherRsa = make.writeTraditional(Certificates.rsa().getPrivate()).toString();
    String encrypted = make.writeEncrypted(keys.getPrivate()).toString();
    String text = make.writeText("text", "hello").toString();
    String damaged =
        make.writeText("bad", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
            .toString();
    String damagedKey =
        make.writeText("bad", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
            .toString();
    return Stream.of(
        Arguments.of("/no/such.pem", "", "", "mqtt.ca: there is no file /no/such.pem"),
        Arguments.of(
            text,
            "",
            "",
            "mqtt.ca: "
                + text
                + " holds no certificate: it should have a line -----BEGIN CERTIFICATE-----"),
        Arguments.of(
            key, "", "", "mqtt.ca: " + key + " holds a private key: it should hold a certificate"),
        Arguments.of(damaged, "", "", "mqtt.ca: " + damaged + " holds a damaged certificate"),
        Arguments.of(
            "",
            key,
            key,
            "mqtt.certificate: " + key + " holds a private key: it should hold a certificate"),
        Arguments.of(
            "",
            certificate,
            certificate,
            "mqtt.private-key: "
                + certificate
                + " holds a certificate: it should hold the private key"),
        Arguments.of(
            "",
            certificate,
            text,
            "mqtt.private-key: "
                + text
                + " holds no private key: it should have a line -----BEGIN PRIVATE KEY-----"),
        Arguments.of(
            "",
            certificate,
            encrypted,
            "mqtt.private-key: "
                + encrypted
                + " holds an encrypted key: it should be without passphrase (openssl pkey -in ...)"),
        Arguments.of(
            "",
            certificate,
            damagedKey,
            "mqtt.private-key: "
                + damagedKey
                + " holds no key that can be read: it should be RSA or EC in PKCS#8, PKCS#1 or"
                + " SEC1"),
        Arguments.of(
            "",
            certificate,
            otherEc,
            "mqtt.private-key: "
                + otherEc
                + " doesn't fit: it should be the key of mqtt.certificate"),
        Arguments.of(
            "",
            certificate,
            otherRsa,
            "mqtt.private-key: "
                + otherRsa
                + " doesn't fit: it should be the key of mqtt.certificate"),
        Arguments.of(
            "",
            certificate,
            "",
            "mqtt.private-key: is not set: it should be the key's PEM file, as mqtt.certificate is"
                + " set"),
        Arguments.of(
            "",
            "",
            key,
            "mqtt.certificate: is not set: it should be the certificate's PEM file, as"
                + " mqtt.private-key is set"),
        Arguments.of("", expired, key, "mqtt.certificate: " + expired + " expired on "));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void everyMistakeIsOneLine(String ca, String certificate, String key, String message) {
    assertThatThrownBy(() -> tls(ca, certificate, key).get())
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n")
        .hasNoCause();
  }

  /** TLS out of PEM files, as the settings name them. */
  private static TlsFiles tls(String ca, String certificate, String key) {
    Properties properties = new Properties();
    properties.setProperty("mqtt.ca", ca);
    properties.setProperty("mqtt.certificate", certificate);
    properties.setProperty("mqtt.private-key", key);
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    return new TlsFiles(new Settings(context), "mqtt.ca", "mqtt.certificate", "mqtt.private-key");
  }
}
