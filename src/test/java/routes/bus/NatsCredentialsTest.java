package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.NatsOperator;
import routes.NatsServer;
import routes.jetstream.BusContext;
import routes.settings.SettingException;

/** A user's credentials file with a real nats-server that has an operator and accounts. */
@Timeout(120)
class NatsCredentialsTest {
  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @TempDir Path folder;

  private final NatsOperator operator = new NatsOperator();

  private String file(String content) throws Exception {
    return Files.writeString(folder.resolve("edge.creds"), content).toString();
  }

  private BusContext bus(String file, String... more) throws Exception {
    String[] settings = new String[more.length + 2];
    System.arraycopy(more, 0, settings, 2, more.length);
    settings[0] = "nats.credentials";
    settings[1] = file;
    return new BusContext(nats, settings);
  }

  @Test
  void logsInAsTheUserOfTheFile() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    try (BusContext edge = bus(file(operator.user("edge-1"))).start()) {
      edge.awaitStreams();
      assertThat(edge.bus.expiries())
          .filteredOn(expiry -> expiry.name().equals("nats.credentials"))
          .singleElement()
          .satisfies(
              expiry ->
                  assertThat(expiry.end().orElseThrow())
                      .isBetween(
                          Instant.now().plusSeconds(89 * 86_400),
                          Instant.now().plusSeconds(90 * 86_400 + 1)));
    }
  }

  @Test
  void namesTheSettingWhenTheUserBelongsToAnotherOperator() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    try (BusContext edge = bus(file(new NatsOperator().user("edge-1"))).start()) {
      soon()
          .until(
              () ->
                  edge.bus.lastError().orElse("").equals("login refused; check nats.credentials"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hello,                             is not a credentials file; create one with",
    "without seed,                      is not a credentials file; create one with",
    "damaged seed,                      contains a damaged seed; create the file again",
    "too long,                          is larger than 64 KB",
  })
  void reportsAnInvalidFileInOneLineWithoutItsContent(String what, String says) throws Exception {
    String right = operator.user("edge-1");
    String seed = right.lines().filter(line -> line.startsWith("SU")).findFirst().orElseThrow();
    String content =
        switch (what) {
          case "without seed" -> right.replace(seed, "");
          case "damaged seed" -> right.replace(seed, seed.substring(0, 30) + "AAAA");
          case "too long" -> right + " ".repeat(70_000);
          default -> what;
        };
    String file = file(content);
    assertThatThrownBy(() -> bus(file))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("nats.credentials: " + file + " " + says)
        .hasMessageNotContaining(seed.substring(0, 20))
        .hasMessageNotContaining("\n")
        .hasNoCause();
  }

  @Test
  void rejectsAPasswordInAdditionToTheFile() throws Exception {
    String file = file(operator.user("edge-1"));
    assertThatThrownBy(() -> bus(file, "nats.username", "u", "nats.password", "p"))
        .hasMessage(
            "nats.credentials: is set, but so are user and password or a token; remove one");
  }

  @Test
  void readsTheFileAtEachConnect() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    try (BusContext edge = bus(file(operator.user("edge-1"))).start()) {
      edge.awaitStreams();
      file("hello");
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      nats.start();
      soon().until(() -> edge.bus.lastError().orElse("").contains("is not a credentials file"));
      file(operator.user("edge-1"));
      edge.awaitStreams();
    }
    assertThat(nats.log()).doesNotContain("SUA");
  }
}
