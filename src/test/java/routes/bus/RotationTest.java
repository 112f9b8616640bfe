package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import io.nats.client.Connection;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.log.CapturedLog;
import routes.tls.Expiry;

/** A login or certificate that changes in its file while the bus runs. */
@Tag("slow")
@Timeout(120)
class RotationTest {
  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @TempDir Path folder;

  private Path file(String name, String content) throws Exception {
    return Files.writeString(folder.resolve(name), content + "\n");
  }

  private void restart(String configuration) {
    nats.stop();
    nats.configure(configuration);
    nats.start();
  }

  @ParameterizedTest
  @CsvSource({
    "NATS_PASSWORD, first{{1}}, second}}2, 'authorization { user: edge, password: \"%s\" }'",
    "NATS_USERNAME, first, second, 'authorization { user: \"%s\", password: \"right\" }'",
    "NATS_SERVERS, first, second, 'authorization { user: edge, password: \"%s\" }'",
    "NATS_SERVERS, t-first, t-second, 'authorization { token: \"%s\" }'",
  })
  void reconnectsWithTheNewLogin(String variable, String first, String second, String configuration)
      throws Exception {
    nats.configure(configuration.formatted(first));
    nats.start();
    Path file = file("login", value(variable, first));
    String[] settings =
        switch (variable) {
          case "NATS_PASSWORD" -> new String[] {"nats.username", "edge"};
          case "NATS_USERNAME" -> new String[] {"nats.password", "right"};
          default -> new String[] {};
        };
    try (BusContext edge =
        new BusContext(nats, with(settings, variable + "_FILE", file.toString())).start()) {
      edge.awaitStreams();
      restart(configuration.formatted(second));
      soon().until(() -> edge.bus.lastError().orElse("").contains("login refused"));
      int refusals = nats.log().split("authentication error", -1).length;
      soon().until(() -> nats.log().split("authentication error", -1).length > refusals + 1);
      Files.delete(file);
      soon().until(() -> edge.bus.lastError().orElse("").contains("there is no file " + file));
      file("login", value(variable, second));
      edge.awaitStreams();
    }
  }

  private String value(String variable, String secret) {
    if (!variable.equals("NATS_SERVERS")) {
      return secret;
    }
    String login = secret.startsWith("t-") ? secret : "edge:" + secret;
    return nats.url().replace("//", "//" + login + "@");
  }

  private static String[] with(String[] settings, String key, String value) {
    String[] all = java.util.Arrays.copyOf(settings, settings.length + 2);
    all[settings.length] = key;
    all[settings.length + 1] = value;
    return all;
  }

  @Test
  void readsAChangedAddress() throws Exception {
    nats.start();
    Path file = file("servers", "nats://127.0.0.1:1");
    try (BusContext edge = new BusContext(nats, "NATS_SERVERS_FILE", file.toString()).start()) {
      soon().until(() -> edge.bus.lastError().isPresent());
      file("servers", nats.url());
      edge.awaitStreams();
      assertThat(edge.bus.name()).isEqualTo("NATS at 127.0.0.1:" + nats.port());
    }
  }

  @Test
  void readsChangedCertificates() throws Exception {
    Certificates first = new Certificates(Files.createDirectory(folder.resolve("first")));
    Certificates second = new Certificates(Files.createDirectory(folder.resolve("second")));
    nats.configure(tls(first));
    nats.start();
    Files.createDirectory(folder.resolve("device"));
    give(first);
    try (BusContext edge = overTls().start()) {
      edge.awaitStreams();
      restart(tls(second));
      soon().until(() -> edge.bus.lastError().orElse("").contains("nats.ca"));
      give(second);
      edge.awaitStreams();
    }
  }

  /** The old connection stays until the new one is accepted, and no message is lost meanwhile. */
  @Test
  void renewsTheConnectionWhenTheFilesChange() throws Exception {
    Certificates make = new Certificates(Files.createDirectory(folder.resolve("made")));
    nats.configure(tls(make));
    nats.start();
    Files.createDirectory(folder.resolve("device"));
    give(make);
    try (BusContext edge = overTls().start();
        CapturedLog log = new CapturedLog()) {
      edge.awaitStreams();
      int first = client(edge);
      Certificates foreign = new Certificates(Files.createDirectory(folder.resolve("foreign")));
      give(foreign);
      copy(make.write(make.ca().certificate()), "ca");
      edge.bus.renew();
      soon()
          .until(
              () ->
                  log.messages().stream()
                      .anyMatch(line -> line.contains("does not accept the renewed files")));
      assertThat(client(edge)).as("refused").isEqualTo(first);
      give(make);
      edge.bus.check();
      edge.bus.renew();
      Connection shared = edge.camel.getRegistry().lookupByNameAndType("nats", Connection.class);
      for (int i = 0; i < 200; i++) {
        shared.jetStream().publish("telemetry.test.metrics", new byte[0]);
      }
      soon().until(() -> client(edge) != first);
      shared.jetStream().publish("telemetry.test.metrics", new byte[0]);
      assertThat(edge.bus.reconnects()).isZero();
      assertThat(log.messages()).noneMatch(line -> line.contains("disconnected"));
      assertThat(edge.bus.expiries())
          .filteredOn(expiry -> expiry.end().isPresent())
          .extracting(Expiry::name)
          .containsExactly("nats.certificate", "nats.ca", "nats.server");
    }
  }

  private static int client(BusContext edge) {
    return edge.bus.session().map(session -> id(session.connection())).orElse(0);
  }

  private static int id(Connection connection) {
    return connection.getServerInfo().getClientId();
  }

  private BusContext overTls() throws Exception {
    return new BusContext(
        nats,
        "nats.servers",
        "tls://localhost:" + nats.port(),
        "nats.ca",
        folder.resolve("device/ca").toString(),
        "nats.certificate",
        folder.resolve("device/certificate").toString(),
        "nats.private-key",
        folder.resolve("device/key").toString());
  }

  private static String tls(Certificates make) {
    Certificates.Identity server = make.server("localhost", Certificates.ec());
    return "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: true }"
        .formatted(
            make.write(server.certificate()),
            make.writePkcs8(server.keys().getPrivate()),
            make.write(make.ca().certificate()));
  }

  private void give(Certificates make) throws Exception {
    Certificates.Identity device = make.client("edge-1", Certificates.ec());
    copy(make.write(make.ca().certificate()), "ca");
    copy(make.write(device.certificate()), "certificate");
    copy(make.writePkcs8(device.keys().getPrivate()), "key");
  }

  private void copy(Path from, String name) throws Exception {
    Files.writeString(folder.resolve("device").resolve(name), Files.readString(from));
  }
}
