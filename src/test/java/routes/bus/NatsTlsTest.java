package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.settings.SettingException;

/** TLS to a real nats-server. */
@Timeout(120)
class NatsTlsTest {
  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @TempDir Path folder;

  private Certificates make;
  private final List<String> settings = new ArrayList<>();

  @BeforeEach
  void known() {
    make = new Certificates(folder);
    set("nats.ca", make.write(make.ca().certificate()).toString());
  }

  private void set(String key, String value) {
    settings.add(key);
    settings.add(value);
  }

  private void givenServer(String host, boolean mutual) {
    Certificates.Identity server = make.server(host, Certificates.ec());
    nats.configure(
        "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: %s }"
            .formatted(
                make.write(server.certificate()),
                make.writePkcs8(server.keys().getPrivate()),
                make.write(make.ca().certificate()),
                mutual));
    nats.start();
  }

  private BusContext bus(String scheme) throws Exception {
    set("nats.servers", scheme + "://localhost:" + nats.port());
    return new BusContext(nats, settings.toArray(String[]::new));
  }

  private void expectError(String scheme, String says) throws Exception {
    try (BusContext edge = bus(scheme).start()) {
      soon().until(() -> edge.bus.lastError().orElse("").contains(says));
      assertThat(edge.bus.connected()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"tls", "nats"})
  void trustsAServerByItsCa(String scheme) throws Exception {
    givenServer("localhost", false);
    try (BusContext edge = bus(scheme).start()) {
      edge.awaitStreams();
    }
  }

  @Test
  void rejectsACertificateOfAnotherHost() throws Exception {
    givenServer("somewhere.else", false);
    expectError(
        "tls", "TLS: the server's certificate is not valid for localhost:" + nats.port() + ": ");
  }

  @Test
  void canIgnoreTheHostNameAlone() throws Exception {
    set("tls.verify-host-name", "false");
    givenServer("somewhere.else", false);
    try (BusContext edge = bus("tls").start()) {
      edge.awaitStreams();
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void rejectsACertificateOfAnUnknownCa(String verifyHostName, @TempDir Path elsewhere)
      throws Exception {
    Certificates others = new Certificates(elsewhere);
    set("tls.verify-host-name", verifyHostName);
    set("nats.ca", others.write(others.ca().certificate()).toString());
    givenServer("localhost", false);
    expectError("tls", "TLS: the server's certificate is not from a known CA (nats.ca)");
  }

  @Test
  void sendsACertificateWhenTheServerAsks() throws Exception {
    givenServer("localhost", true);
    Certificates.Identity device = make.client("edge-1", Certificates.ec());
    set("nats.certificate", make.write(device.certificate()).toString());
    set("nats.private-key", make.writePkcs8(device.keys().getPrivate()).toString());
    try (BusContext edge = bus("tls").start()) {
      edge.awaitStreams();
    }
  }

  @Test
  void isRefusedWithoutTheCertificate() throws Exception {
    givenServer("localhost", true);
    expectError("tls", "does the server require a client certificate");
  }

  @Test
  void namesAMissingScheme() throws Exception {
    settings.clear();
    givenServer("localhost", false);
    expectError("nats", "Use tls:// in nats.servers");
  }

  @Test
  void refusesAServerWithoutTls() throws Exception {
    nats.start();
    expectError("tls", "The server has no tls block");
  }

  @Test
  void noSchemeDisablesVerification() {
    assertThatThrownBy(() -> bus("opentls"))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "nats.servers: address 1 of 1 disables the check of the server's certificate; use"
                + " tls:// and nats.ca");
  }
}
