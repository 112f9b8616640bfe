package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static routes.jetstream.BusContext.soon;

import java.nio.file.Files;
import java.nio.file.Path;
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

/** A user's credentials file, at a real nats-server with operator and accounts. */
@Timeout(60)
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
  void theUserOfTheFileLogsIn() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    try (BusContext edge = bus(file(operator.user("edge-1"))).start()) {
      edge.awaitStreams();
    }
  }

  @Test
  void theUserOfAnotherOperatorDoesNotAndTheSettingIsNamed() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    try (BusContext edge = bus(file(new NatsOperator().user("edge-1"))).start()) {
      soon()
          .until(
              () ->
                  edge.bus
                      .lastError()
                      .orElse("")
                      .equals("the login is refused: check nats.credentials"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hello,                             is no credentials file: it should be as",
    "without seed,                      is no credentials file: it should be as",
    "damaged seed,                      holds a damaged seed: make it anew",
    "too long,                          is larger than 64 KB",
  })
  void aMistakeInTheFileIsToldInOneLineWithoutItsContent(String what, String says)
      throws Exception {
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
  void aPasswordBesideItIsAMistake() throws Exception {
    String file = file(operator.user("edge-1"));
    assertThatThrownBy(() -> bus(file, "nats.username", "u", "nats.password", "p"))
        .hasMessage(
            "nats.credentials: is set, but so are user and password or a token: leave one out");
  }

  @Test
  void theFileIsReadAtEachConnect() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    try (BusContext edge = bus(file(operator.user("edge-1"))).start()) {
      edge.awaitStreams();
      file("hello");
      nats.kill();
      soon().until(() -> !edge.bus.connected());
      nats.start();
      soon().until(() -> edge.bus.lastError().orElse("").contains("is no credentials file"));
      file(operator.user("edge-1"));
      edge.awaitStreams();
    }
    assertThat(nats.log()).doesNotContain("SUA");
  }
}
