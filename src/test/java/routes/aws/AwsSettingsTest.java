package routes.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Certificates;
import routes.link.ConnectionSettings;
import routes.settings.SettingException;
import routes.uplink.Telemetry;
import routes.uplink.TestSettings;

class AwsSettingsTest {
  private static final String HOST = "a1b2c3-ats.iot.eu-central-1.amazonaws.com";

  @TempDir Path folder;
  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void good() {
    Certificates make = new Certificates(folder);
    Certificates.Identity device = make.client("device", Certificates.rsa());
    settings.putAll(
        Map.of(
            "aws.endpoint", HOST,
            "aws.certificate", make.write(device.certificate()).toString(),
            "aws.private-key", make.writeTraditional(device.keys().getPrivate()).toString(),
            "aws.root-ca", make.write(make.ca().certificate()).toString()));
  }

  private AwsSettings with(String key, String value) {
    return AwsSettings.read(TestSettings.of("aws", settings, key, value));
  }

  private ConnectionSettings read(String key, String value) {
    return with(key, value).connection();
  }

  private static Telemetry sample() {
    return new Telemetry("edge-1", "metrics", null, "application/json", new byte[0]);
  }

  @Test
  void connectsWithTheCertificateOnly() {
    ConnectionSettings read = read("aws.endpoint", HOST);
    assertThat(read.url()).hasToString("ssl://" + HOST + ":8883");
    assertThat(read.alpn()).isEmpty();
    assertThat(read.clientId()).isEqualTo("edge-1");
    assertThat(read.cleanSession()).as("commands wait at the cloud").isFalse();
    assertThat(read.policy().largestPayload()).isEqualTo(131_072);
    assertThat(read.policy().greetings())
        .isEqualTo(
            Map.of("$aws/things/edge-1/shadow/get/accepted", "$aws/things/edge-1/shadow/get"));
  }

  @Test
  void port443RequestsMqttByAlpn() {
    assertThat(read("aws.endpoint", HOST + ":443").alpn()).containsExactly("x-amzn-mqtt-ca");
    assertThat(read("aws.endpoint", HOST + ":443").url().port()).isEqualTo(443);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A1B2C3-ATS.iot.eu-central-1.amazonaws.com",
        "a1b2c3.ats.iot.cn-north-1.amazonaws.com.cn",
        "iot.example.com",
        "localhost:18883"
      })
  void acceptsOtherFormsOfEndpoint(String endpoint) {
    assertThat(read("aws.endpoint", endpoint).url().host())
        .isEqualTo(endpoint.toLowerCase().replaceFirst(":.*", ""));
  }

  @Test
  void theRootCaIsOptional() {
    assertThat(read("aws.root-ca", "").tls().get()).isNotNull();
  }

  @Test
  void acceptsTheLongestTopicAndThing() {
    String topic = "a/b/c/d/e/f/g/" + "x".repeat(242);
    assertThat(with("aws.topic", topic).telemetry().samples()).hasSize(256);
    assertThat(read("aws.thing", "x".repeat(128)).clientId()).hasSize(128);
  }

  @Test
  void basicIngestPrefixesTheWholeTopic() {
    settings.put("aws.topic", "a/b");
    AwsTelemetry telemetry = with("aws.rule", "device_metrics").telemetry();
    assertThat(telemetry.samples()).isEqualTo("$aws/rules/device_metrics/a/b");
    assertThat(telemetry.message(sample()).topic()).isEqualTo("$aws/rules/device_metrics/a/b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "aws.endpoint | '' | aws.endpoint: is not set; set it to the host that \"aws iot describe-endpoint --endpoint-type iot:Data-ATS\" prints",
        "aws.endpoint | a1b2c3.iot.eu-central-1.amazonaws.com | aws.endpoint: \"a1b2c3.iot.eu-central-1.amazonaws.com\" is not an ATS endpoint; use the host that \"aws iot describe-endpoint --endpoint-type iot:Data-ATS\" prints",
        "aws.endpoint | A1B2C3.iot.eu-central-1.amazonaws.com:8883 | aws.endpoint: \"A1B2C3.iot.eu-central-1.amazonaws.com:8883\" is not an ATS endpoint",
        "aws.endpoint | iot.eu-central-1.amazonaws.com | aws.endpoint: \"iot.eu-central-1.amazonaws.com\" is not an ATS endpoint",
        "aws.endpoint | a1b2.credentials.iot.eu-central-1.amazonaws.com | aws.endpoint: \"a1b2.credentials.iot.eu-central-1.amazonaws.com\" is the endpoint of another service",
        "aws.endpoint | eu-central-1.console.aws.amazon.com | aws.endpoint: \"eu-central-1.console.aws.amazon.com\" is the endpoint of another service",
        "aws.endpoint | https://console.aws.amazon.com/iot/home#/test | aws.endpoint: \"https://console.aws.amazon.com/iot/home#/test\" is a URL or a path; use the host",
        "aws.endpoint | ssl://a1b2-ats.iot.eu-central-1.amazonaws.com | aws.endpoint: \"ssl://a1b2-ats.iot.eu-central-1.amazonaws.com\" is a URL",
        "aws.endpoint | 10.0.0.1 | aws.endpoint: \"10.0.0.1\" is an IP address, but TLS needs the host name; use",
        "aws.endpoint | 10.0.0.1:8883 | aws.endpoint: \"10.0.0.1:8883\" is an IP address",
        "aws.endpoint | 2001:db8::1 | aws.endpoint: \"2001:db8::1\" is an IP address",
        "aws.endpoint | [2001:db8::1]:8883 | aws.endpoint: \"[2001:db8::1]:8883\" is an IP address",
        "aws.endpoint | a1b2-ats.iot.eu-central-1.amazonaws.com:0 | aws.endpoint: \"a1b2-ats.iot.eu-central-1.amazonaws.com:0\" needs a port between 1 and 65535",
        "aws.endpoint | a1b2-ats.iot.eu-central-1.amazonaws.com:mqtt | aws.endpoint: \"a1b2-ats.iot.eu-central-1.amazonaws.com:mqtt\" is not a host name",
        "aws.endpoint | my host | aws.endpoint: \"my host\" is not a host name",
        "aws.thing | '' | aws.thing: is not set; set it to the thing's name",
        "aws.thing | a/b | aws.thing: \"a/b\" is not a thing name; use 1 to 128 letters, digits, '-', '_' and ':'",
        "aws.thing | a.b | aws.thing: \"a.b\" is not a thing name",
        "aws.topic | '' | aws.topic: is not set; set it to the telemetry topic, such as devices/{device}/{kind}",
        "aws.topic | devices/+/metrics | aws.topic: \"devices/+/metrics\" is not a topic to publish to",
        "aws.topic | devices/{thing} | aws.topic: \"devices/{thing}\" has an unknown {thing}; use {device} and {kind}",
        "aws.topic | devices/# | aws.topic: \"devices/#\" is not a topic to publish to",
        "aws.topic | $aws/rules/device_metrics/x | aws.topic: \"$aws/rules/device_metrics/x\" starts with $, which AWS reserves; for Basic Ingest set aws.rule",
        "aws.topic | a/b/c/d/e/f/g/h/i | aws.topic: \"a/b/c/d/e/f/g/h/i\" must have at most 7 slashes and 256 bytes",
        "aws.rule | device-metrics | aws.rule: \"device-metrics\" is not a rule name; use only letters, digits and '_'",
        "aws.certificate | '' | aws.certificate: is not set; set it to the device certificate's PEM file",
        "aws.certificate | /nowhere.pem | aws.certificate: there is no file /nowhere.pem",
        "aws.private-key | '' | aws.private-key: is not set; set it to the PEM file with the device certificate's private key",
        "aws.private-key | pom.xml | aws.private-key:",
        "aws.root-ca | pom.xml | aws.root-ca:",
        "aws.publish-rate | 101 | aws.publish-rate: \"101\" must be a number between 1 and 100",
        "aws.publish-rate | 0 | aws.publish-rate: \"0\" must be a number between 1 and 100",
        "aws.message-expiry | 500ms | aws.message-expiry: must be between 1s and 4294967295s",
        "aws.message-expiry | soon | aws.message-expiry: \"soon\" is not a time",
        "aws.in-flight | 101 | aws.in-flight: \"101\" must be a number between 1 and 100",
        "aws.keep-alive | 29s | aws.keep-alive: must be between 30s and 1200s",
        "aws.keep-alive | 1201s | aws.keep-alive: must be between 30s and 1200s",
        "aws.publish-timeout | 0s | aws.publish-timeout: \"0s\" is not a time"
      })
  void reportsAnInvalidSettingInOneLine(String key, String value, String message) {
    assertThatThrownBy(() -> with(key, value))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void measuresTopicsInBytes() {
    assertThatThrownBy(() -> with("aws.topic", "ä".repeat(129)))
        .isInstanceOf(SettingException.class)
        .hasMessageEndingWith("must have at most 7 slashes and 256 bytes");
  }

  @Test
  void rejectsTheKeyOfAnotherCertificate() {
    Path other = new Certificates(folder).writeTraditional(Certificates.rsa().getPrivate());
    assertThatThrownBy(() -> read("aws.private-key", other.toString()))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("aws.private-key:")
        .hasMessageContaining("is not the key of aws.certificate");
  }
}
