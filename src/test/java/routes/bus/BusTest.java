package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import java.time.Duration;
import org.apache.camel.health.HealthCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.jetstream.Inbox;
import routes.jetstream.LogLines;
import routes.settings.SettingException;

/** Connecting to NATS, losing and regaining it, refused logins, and the log lines. */
class BusTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private static HealthCheck.Result health(BusContext edge) {
    return edge.camel
        .getRegistry()
        .lookupByNameAndType("bus-health-check", HealthCheck.class)
        .callReadiness();
  }

  @Test
  void logsOneLineEachForConnectedDisconnectedAndReconnected() throws Exception {
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats).start()) {
      edge.awaitStreams();
      assertThat(health(edge).getState()).isEqualTo(HealthCheck.State.UP);
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      assertThat(health(edge).getState()).isEqualTo(HealthCheck.State.DOWN);
      soon().until(() -> edge.bus.lastError().orElse("").contains("refused"));
      assertThat(health(edge).getMessage().orElse(""))
          .contains("NATS at 127.0.0.1:" + nats.port() + " is unavailable")
          .contains("Connection refused");
      soon().during(Duration.ofSeconds(2)).until(() -> true); // several attempts
      nats.start();
      edge.awaitStreams();
      assertThat(edge.bus.reconnects()).isEqualTo(1);
      assertThat(health(edge).getState()).isEqualTo(HealthCheck.State.UP);
      assertThat(log.with("NATS at "))
          .satisfiesExactly(
              line -> assertThat(line).startsWith("INFO connected to NATS at 127.0.0.1:"),
              line -> assertThat(line).startsWith("WARN disconnected from NATS at "),
              line ->
                  assertThat(line).startsWith("INFO reconnected to NATS at ").contains(" after "));
      assertThat(log.with("!stack trace")).isEmpty();
    }
  }

  @Test
  void logsOneLinePerMinuteWithoutNats() throws Exception {
    nats.kill();
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats).gateway("inFlight=1", e -> {}).start()) {
      soon().until(() -> edge.bus.lastError().isPresent());
      soon().during(Duration.ofSeconds(3)).until(() -> !edge.bus.connected());
      assertThat(log.with("NATS"))
          .containsExactly(
              "WARN NATS at 127.0.0.1:" + nats.port() + " is unavailable: Connection refused");
      assertThat(log.with("WARN")).hasSize(1);
      nats.start();
      soon().until(() -> edge.bus.connected());
    }
  }

  @Test
  void logsARefusedLoginInOneLineWithoutThePassword() throws Exception {
    nats.stop();
    nats.configure("authorization { user: edge, password: right-secret }");
    nats.start();
    try (LogLines log = new LogLines();
        BusContext edge =
            new BusContext(nats, "nats.username", "edge", "nats.password", "wrong-secret")
                .start()) {
      soon().until(() -> edge.bus.lastError().isPresent());
      soon().during(Duration.ofSeconds(2)).until(() -> !edge.bus.connected());
      assertThat(log.with("NATS"))
          .containsExactly(
              "WARN NATS at 127.0.0.1:"
                  + nats.port()
                  + " is unavailable: login refused; check nats.username and nats.password");
      assertThat(edge.bus.problem().orElse("")).contains("login refused");
      assertThat(log.all()).noneMatch(line -> line.contains("secret"));
      // The operator fixes the server, and the runtime connects by itself.
      nats.stop();
      nats.configure("authorization { user: edge, password: wrong-secret }");
      nats.start();
      edge.awaitStreams();
    }
  }

  @Test
  void usesALoginInTheAddressAndNeverShowsIt() throws Exception {
    nats.stop();
    nats.configure("authorization { user: edge, password: \"s3cret/word\" }");
    nats.start();
    String url = "nats://edge:s3cret%2Fword@127.0.0.1:" + nats.port();
    try (LogLines log = new LogLines();
        BusContext edge = new BusContext(nats, "nats.servers", url).start()) {
      edge.awaitStreams();
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      soon().during(Duration.ofMillis(500)).until(() -> true);
      assertThat(log.all()).noneMatch(line -> line.contains("s3cret"));
      assertThat(edge.bus.problem().orElse("")).doesNotContain("s3cret");
      assertThat(edge.bus.name()).isEqualTo("NATS at 127.0.0.1:" + nats.port());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nats://host:port         | nats.servers: address 1 of 1 is malformed",
        "nats://u:p4ss@host:99999 | nats.servers: address 1 of 1 is malformed",
        "localhost,http://x       | nats.servers: address 2 of 2 is malformed",
        "nats://                  | nats.servers: address 1 of 1 is malformed",
        "','                      | nats.servers: contains no address",
        "nats://a:b@x,nats://c@y  | nats.servers: the addresses name different users",
      })
  void rejectsAMalformedAddress(String servers, String message) {
    assertThatThrownBy(() -> new BusContext(nats, "nats.servers", servers))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("p4ss")
        .hasMessageNotContaining("\n");
  }

  @Test
  void rejectsAPasswordWithoutAUser() {
    assertThatThrownBy(() -> new BusContext(nats, "nats.password", "p4ss"))
        .isInstanceOf(SettingException.class)
        .hasMessage("nats.username: is not set, but nats.password is");
  }

  @Test
  void usesTheSecondAddressWhileTheFirstIsUnavailable() throws Exception {
    try (NatsServer other = new NatsServer().open()) {
      other.kill();
      String both = other.url() + ", " + nats.url();
      try (BusContext edge = new BusContext(nats, "nats.servers", both).start()) {
        soon().atMost(Duration.ofSeconds(60)).until(() -> edge.bus.connected());
      }
    }
  }

  @Test
  void theNextProcessGetsTheRestAtOnceWithoutDuplicates() throws Exception {
    Inbox inbox = new Inbox();
    BusContext edge = new BusContext(nats).gateway("inFlight=64", inbox).start();
    edge.awaitStreams();
    edge.publish(0, 5000);
    soon().until(() -> inbox.count() > 1000);
    edge.close();
    try (BusContext next = new BusContext(nats).gateway("inFlight=64", inbox).start()) {
      // Well before the ack wait of 30 s ends.
      soon().atMost(Duration.ofSeconds(60)).until(() -> inbox.arrived(5000));
      assertThat(inbox.accepted()).doesNotHaveDuplicates();
      soon().until(() -> next.info().getNumAckPending() == 0);
    }
  }
}
