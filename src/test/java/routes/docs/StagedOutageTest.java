package routes.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** {@code ./run cut} and {@code ./run kill}, with the real script and a real {@code ./run}. */
@Tag("slow")
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class StagedOutageTest {
  private static final int PATIENCE = 150;
  private static final Session SESSION = new Session();
  private static final SharedRun RUN = new SharedRun(SESSION);

  @BeforeAll
  static void start() throws IOException {
    RUN.terminal();
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  private static Terminal start(String command) throws IOException {
    return SESSION.start(RUN.folder(), Map.of(), command);
  }

  private static void fails(String command, int exit, String message) throws Exception {
    try (Terminal terminal = start(command)) {
      assertThat(terminal.exit(PATIENCE)).isEqualTo(exit);
      assertThat(terminal.output()).containsExactly(message);
    }
  }

  private static void losesNothing(Terminal terminal) throws Exception {
    int exit = terminal.exit(PATIENCE);
    List<String> output = terminal.output();
    assertThat(exit).as(String.join("\n", output)).isZero();
    String last = output.get(output.size() - 1);
    assertThat(last).matches("sent [1-9]\\d*, arrived [1-9]\\d*, lost 0.*");
    assertThat(last.replaceFirst("sent (\\d+), arrived \\1, .*", "equal")).isEqualTo("equal");
  }

  @Test
  void deliversTheBacklogAfterACut() throws Exception {
    try (Terminal cut = start("./run cut azure 6s")) {
      await().atMost(Duration.ofSeconds(60)).until(() -> cut.output().size() > 2);
      fails("./run cut aws 5s", 1, "./run: ./run cut azure is in progress; wait until it ends");
      losesNothing(cut);
      assertThat(cut.output()).anyMatch(line -> line.matches(" +\\d s +[1-9] +0 +[1-9] *"));
    }
  }

  @Test
  void restartsNats() throws Exception {
    try (Terminal kill = start("./run kill nats 4s")) {
      losesNothing(kill);
      assertThat(kill.output()).anyMatch(line -> line.matches(" +\\d s .* - *"));
    }
  }

  @Test
  void endsTheOutageWhenInterrupted() throws Exception {
    Terminal cut = start("./run cut aws 10m");
    await().atMost(Duration.ofSeconds(60)).until(() -> cut.output().size() > 2);
    cut.close();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> RUN.terminal().output().contains("./run: aws is available again"));
    try (Terminal next = start("./run cut mqtt 1s")) {
      losesNothing(next);
    }
  }

  @Test
  void rejectsBadInput() throws Exception {
    String unknown = "./run: unknown cloud \"azur\"; the clouds are azure, aws, google, mqtt";
    fails("./run cut azur 5s", 1, unknown);
    for (String time : List.of("5x", "0s", "601s", "-1s", "5")) {
      String invalid = "./run: invalid time \"" + time + "\"; use 1s to 600s, or 1m to 10m";
      fails("./run cut azure " + time, 1, invalid);
    }
    fails("./run kill azure", 2, "usage: ./run kill nats [TIME]");
  }

  @Test
  void needsAnotherRun() throws Exception {
    Path folder = SESSION.newCopy();
    try (Terminal terminal = SESSION.start(folder, Map.of(), "./run cut azure")) {
      assertThat(terminal.exit(PATIENCE)).isOne();
      assertThat(terminal.output())
          .containsExactly(
              "./run: no stand-in clouds are running: start ./run in another terminal");
    }
  }
}
