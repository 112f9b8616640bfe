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

/** Valid and invalid PEM files. */
class TlsFilesTest {
  @TempDir static Path folder;

  @Test
  void readsEveryKeyFormat() {
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
                + " contains no certificate; a line -----BEGIN CERTIFICATE----- is missing"),
        Arguments.of(key, "", "", "mqtt.ca: " + key + " contains a private key; use a certificate"),
        Arguments.of(damaged, "", "", "mqtt.ca: " + damaged + " contains a damaged certificate"),
        Arguments.of(
            "",
            key,
            key,
            "mqtt.certificate: " + key + " contains a private key; use a certificate"),
        Arguments.of(
            "",
            certificate,
            certificate,
            "mqtt.private-key: " + certificate + " contains a certificate; use the private key"),
        Arguments.of(
            "",
            certificate,
            text,
            "mqtt.private-key: "
                + text
                + " contains no private key; a line -----BEGIN PRIVATE KEY----- is missing"),
        Arguments.of(
            "",
            certificate,
            encrypted,
            "mqtt.private-key: "
                + encrypted
                + " contains an encrypted key; remove the passphrase (openssl pkey -in ...)"),
        Arguments.of(
            "",
            certificate,
            damagedKey,
            "mqtt.private-key: "
                + damagedKey
                + " contains an unreadable key; use RSA or EC in PKCS#8, PKCS#1 or"
                + " SEC1"),
        Arguments.of(
            "",
            certificate,
            otherEc,
            "mqtt.private-key: " + otherEc + " is not the key of mqtt.certificate"),
        Arguments.of(
            "",
            certificate,
            otherRsa,
            "mqtt.private-key: " + otherRsa + " is not the key of mqtt.certificate"),
        Arguments.of(
            "",
            certificate,
            "",
            "mqtt.private-key: is not set; set it to the key's PEM file, because"
                + " mqtt.certificate is set"),
        Arguments.of(
            "",
            "",
            key,
            "mqtt.certificate: is not set; set it to the certificate's PEM file, because"
                + " mqtt.private-key is set"),
        Arguments.of("", expired, key, "mqtt.certificate: " + expired + " expired on "));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void reportsEachInvalidFileInOneLine(String ca, String certificate, String key, String message) {
    assertThatThrownBy(() -> tls(ca, certificate, key).get())
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n")
        .hasNoCause();
  }

  /** TLS from PEM files, as the settings name them. */
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
