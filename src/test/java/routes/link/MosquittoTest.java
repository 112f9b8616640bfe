package routes.link;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.Mosquitto;

/** Tests with a real broker. */
@Timeout(90)
class MosquittoTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String SECRET = "s3cr3t-w0rd";

  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();
  @TempDir Path folder;
  private final TestClients clients = new TestClients();

  @AfterEach
  void stop() {
    mosquitto.thawIfFrozen();
    clients.close();
  }

  private String url(String scheme, String host) {
    return scheme + "://" + host + ":" + mosquitto.port();
  }

  private static void roundTrip(TestClient client) throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    client.setCallback(((topic, message) -> received.add(TestClients.text(message))));
    client.subscribe("t/#", 1);
    client.publish("t/1", TestClients.message("hello", 1));
    client.publish("t/2", TestClients.message("x".repeat(100_000), 1));
    await().atMost(SOON).until(() -> received.size() == 2);
    assertThat(received.get(0)).isEqualTo("hello");
    assertThat(received.get(1)).hasSize(100_000);
    client.publish("t/2", TestClients.message("x", 2));
    await().atMost(SOON).until(() -> received.size() == 3);
  }

  @Test
  void connectsOverTcp() throws Exception {
    mosquitto.start();
    roundTrip(clients.connected(url("tcp", "localhost"), "a"));
  }

  @Test
  void connectsOverTlsWithAClientCertificate() throws Exception {
    Certificates make = startWithTls("localhost");
    Certificates.Identity device = make.client("device-1", Certificates.rsa());
    clients.tls =
        TestClients.tls(
            make.write(make.ca().certificate()).toString(),
            make.write(device.certificate()).toString(),
            make.writeTraditional(device.keys().getPrivate()).toString());
    roundTrip(clients.connected(url("ssl", "localhost"), "a"));
  }

  @Test
  void renewsItsCertificateWithoutAnOutage() throws Exception {
    Certificates make = startWithTls("localhost", "use_identity_as_username true");
    Path certificate = folder.resolve("device.pem");
    Path key = folder.resolve("device.key");
    give(make.client("first", Certificates.ec()), make, certificate, key);
    clients.tls =
        TestClients.tls(
            make.write(make.ca().certificate()).toString(), certificate.toString(), key.toString());
    TestClient client = clients.connected(url("ssl", "localhost"), "a");
    give(make.client("second", Certificates.ec()), make, certificate, key);
    client.link.renew();
    for (int i = 0; i < 200; i++) {
      client.publish("t", TestClients.message("m" + i, 1));
      assertThat(client.connected()).isTrue();
    }
    await().atMost(SOON).until(() -> mosquitto.log().contains("u'second'"));
    assertThat(mosquitto.log()).contains("u'first'");
    assertThat(client.reconnects()).isZero();
    assertThat(client.lastError()).isEmpty();
    assertThat(clients.tls.expiries().get(2).end()).as("of the broker's certificate").isPresent();
  }

  @Test
  void aRenewedCertificateEndsThePauseAfterARefusal() throws Exception {
    Certificates make = startWithTls("localhost");
    Path certificate = folder.resolve("device.pem");
    Path key = folder.resolve("device.key");
    Certificates others = new Certificates(Files.createDirectory(folder.resolve("others")));
    give(others.client("a", Certificates.ec()), others, certificate, key);
    clients.reconnectMin = Duration.ofMinutes(5);
    clients.reconnectMax = Duration.ofMinutes(10);
    clients.tls =
        TestClients.tls(
            make.write(make.ca().certificate()).toString(), certificate.toString(), key.toString());
    TestClient client = clients.start(url("ssl", "localhost"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    give(make.client("a", Certificates.ec()), make, certificate, key);
    client.link.renew();
    assertThat(client.awaitConnected(SOON)).isTrue();
  }

  private static void give(
      Certificates.Identity device, Certificates make, Path certificate, Path key)
      throws Exception {
    Files.copy(make.write(device.certificate()), certificate, REPLACE_EXISTING);
    Files.copy(make.writePkcs8(device.keys().getPrivate()), key, REPLACE_EXISTING);
  }

  @Test
  void isRefusedWithoutAClientCertificate() throws Exception {
    Certificates make = startWithTls("localhost");
    clients.tls = TestClients.tls(make.write(make.ca().certificate()).toString(), "", "");
    TestClient client = clients.start(url("ssl", "localhost"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError().orElseThrow())
        .matches(
            "refused: (TLS: this device's certificate \\(mqtt.certificate\\)"
                + "|the broker closed the connection on CONNECT).*");
  }

  @Test
  void rejectsACertificateOfAnotherHost() throws Exception {
    Certificates make = startWithTls("somewhere.else");
    Certificates.Identity device = make.client("device-1", Certificates.ec());
    clients.tls =
        TestClients.tls(
            make.write(make.ca().certificate()).toString(),
            make.write(device.certificate()).toString(),
            make.writePkcs8(device.keys().getPrivate()).toString());
    TestClient client = clients.start(url("ssl", "localhost"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError().orElseThrow())
        .startsWith("TLS: the broker's certificate is not valid for localhost");
    assertThat(client.connected()).isFalse();
  }

  @Test
  void rejectsABrokerOfAnUnknownCa() throws Exception {
    startWithTls("localhost");
    clients.tls = TestClients.tls("", "", "");
    TestClient client = clients.start(url("ssl", "localhost"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError())
        .contains("TLS: the broker's certificate is not from a known CA (mqtt.ca)");
  }

  @Test
  void tlsAtAPlainPortNamesTheSettingAndTheScheme() throws Exception {
    mosquitto.start();
    clients.tls = TestClients.tls("", "", "");
    TestClient client = clients.start(url("ssl", "localhost"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError())
        .contains(
            "TLS: the broker closed the connection in the handshake: localhost:"
                + mosquitto.port()
                + " may not be a TLS port; for a plain-text port use tcp:// in mqtt.url");
  }

  @Test
  void noTlsAtATlsPortNamesTheSettingAndTheScheme() throws Exception {
    startWithTls("localhost");
    TestClient client = clients.start(url("tcp", "localhost"), "a");
    await().atMost(SOON).until(() -> client.lastError().isPresent());
    assertThat(client.lastError())
        .contains(
            "the broker closed the connection on CONNECT; if localhost:"
                + mosquitto.port()
                + " is a TLS port, use ssl:// in mqtt.url");
  }

  private Certificates startWithTls(String host, String... more) {
    Certificates make = new Certificates(folder);
    Certificates.Identity server = make.server(host, Certificates.ec());
    mosquitto.start(
        "cafile " + make.write(make.ca().certificate()),
        "certfile " + make.write(server.certificate()),
        "keyfile " + make.writePkcs8(server.keys().getPrivate()),
        "require_certificate true",
        String.join("\n", more));
    return make;
  }

  @Test
  void reportsARefusedPasswordWithoutShowingItAndUsesACorrectedOne() throws Exception {
    try (LogCapture log = new LogCapture()) {
      mosquitto.start(mosquitto.password("device", "right-" + SECRET));
      String[] password = {"wrong-" + SECRET};
      clients.credentials = () -> new Credential(Optional.of("device"), Optional.of(password[0]));
      TestClient client = clients.start(url("tcp", "localhost"), "a");
      await().atMost(SOON).until(() -> client.lastError().isPresent());
      assertThat(client.lastError())
          .contains("refused: not authorized (mqtt.username, mqtt.password)");
      password[0] = "right-" + SECRET;
      assertThat(client.awaitConnected(SOON)).isTrue();
      roundTrip(client);
      assertThat(log.text()).doesNotContain(SECRET);
    }
  }

  @Test
  void reconnectsToARestartedBroker() throws Exception {
    mosquitto.start();
    TestClient client = clients.connected(url("tcp", "localhost"), "a");
    mosquitto.kill();
    await().atMost(SOON).until(() -> !client.connected());
    assertThatThrownBy(() -> client.publish("t", TestClients.message("m", 1)))
        .hasMessageStartingWith("mqtt is not connected: ");
    mosquitto.restart();
    await().atMost(SOON).until(client::connected);
    roundTrip(client);
    assertThat(client.reconnects()).isEqualTo(1);
  }

  @Test
  void aFrozenBrokerFailsAPublishInTimeAndReconnects() throws Exception {
    clients.publishTimeout = Duration.ofSeconds(1);
    mosquitto.start();
    TestClient client = clients.connected(url("tcp", "localhost"), "a");
    client.publish("t", TestClients.message("m", 1));
    mosquitto.freeze();
    long start = System.nanoTime();
    assertThatThrownBy(() -> client.publish("t", TestClients.message("m", 1)))
        .hasMessage("no PUBACK within 1 s");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    assertThat(client.connected()).isFalse();
    mosquitto.thaw();
    await().atMost(Duration.ofSeconds(60)).until(client::connected);
    roundTrip(client);
  }

  @Test
  void detectsAFrozenBrokerByItsMissingPingResponse() throws Exception {
    clients.keepAlive = Duration.ofSeconds(1);
    mosquitto.start();
    TestClient client = clients.connected(url("tcp", "localhost"), "a");
    mosquitto.freeze();
    await().atMost(SOON).until(() -> !client.connected());
    assertThat(client.lastError())
        .contains("no answer to a ping: the broker hangs or the network is down");
    mosquitto.thaw();
    await().atMost(Duration.ofSeconds(60)).until(client::connected);
  }

  @Test
  void leavesAFrozenBrokerWithFullBuffers() throws Exception {
    clients.publishTimeout = Duration.ofSeconds(1);
    mosquitto.start();
    TestClient client = clients.connected(url("tcp", "localhost"), "a");
    mosquitto.freeze();
    String large = "x".repeat(8_000_000);
    assertThatThrownBy(() -> client.publish("t", TestClients.message(large, 1)))
        .hasMessage("no PUBACK within 1 s");
    mosquitto.thaw();
    await().atMost(Duration.ofSeconds(60)).until(client::connected);
    client.publish("t", TestClients.message(large, 1));
  }

  @Test
  void manyThreadsPublishWithoutSpuriousFailures() throws Exception {
    mosquitto.start();
    TestClient client = clients.connected(url("tcp", "localhost"), "a");
    assertThat(PublishTest.publishFromManyThreads(client, 20_000, 1)).isEmpty();
    assertThat(client.reconnects()).isZero();
  }
}
