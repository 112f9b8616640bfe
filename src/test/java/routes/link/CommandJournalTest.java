package routes.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import routes.link.CommandJournal.Entry;
import routes.link.CommandJournal.State;
import routes.uplink.Reply;

/** Decides which commands run and which have run before. */
class CommandJournalTest {
  private static final Reply REPLY =
      new Reply(200, "{\"a\":\"ü\\n\"}".getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;

  /** The journal of a process that has just started. */
  private CommandJournal journal() {
    return new CommandJournal(folder.resolve("commands"), LoggerFactory.getLogger("test"));
  }

  private static MqttMessage message(String payload, int id, boolean duplicate, boolean retain) {
    return new MqttMessage(
        "cmd/edge-1/ping",
        payload.getBytes(StandardCharsets.UTF_8),
        1,
        retain,
        MqttMessage.Properties.NONE,
        id,
        duplicate);
  }

  private static Entry run(CommandJournal journal, MqttMessage message) {
    Entry entry = journal.arrived(message, false);
    assertThat(entry.state()).isEqualTo(State.NEW);
    entry.begin();
    return entry;
  }

  private static void done(CommandJournal journal, MqttMessage message) {
    Entry entry = run(journal, message);
    entry.replied(REPLY);
    entry.close(true);
  }

  @Test
  void runsTheSameCommandWhenItIsSentAgain() {
    CommandJournal journal = journal();
    done(journal, message("", 1, false, false));
    done(journal, message("", 2, false, false));
    done(journal, message("", 2, false, false));
    done(journal, message("", 3, true, false)); // its first delivery was lost
  }

  @Test
  void doesNotRunARedeliveredCommandAgain() {
    done(journal(), message("", 1, false, false));
    assertThat(journal().arrived(message("", 1, true, false), false).state()).isEqualTo(State.DONE);
    done(journal(), message("other", 1, true, false));
  }

  @Test
  void doesNotRunACommandTwiceAtOnce() {
    CommandJournal journal = journal();
    Entry first = journal.arrived(message("", 1, false, false), false); // waits for NATS
    Entry again = journal.arrived(message("", 1, true, false), false);
    assertThat(again.state()).isEqualTo(State.RUNNING);
    first.begin();
    first.replied(REPLY);
    assertThat(again.ended()).as("acknowledged with the first").isNotDone();
    first.close(true);
    assertThat(again.ended()).isDone();
    assertThat(journal.arrived(message("", 1, true, false), false).state()).isEqualTo(State.DONE);
  }

  @Test
  void runsTwoCommandsWithEqualContent() {
    CommandJournal journal = journal();
    Entry first = run(journal, message("", 1, false, false));
    Entry second = run(journal, message("", 2, false, false));
    first.close(true);
    assertThat(journal().arrived(message("", 2, true, false), false).state())
        .isEqualTo(State.INTERRUPTED);
    second.close(true);
    assertThat(journal().arrived(message("", 2, true, false), false).state()).isEqualTo(State.DONE);
  }

  @Test
  void runsARetainedCommandOnce() {
    done(journal(), message("a", 1, false, true));
    assertThat(journal().arrived(message("a", 7, false, true), false).state())
        .isEqualTo(State.DONE);
    done(journal(), message("b", 8, false, true));
    done(journal(), message("c", 1, false, false)); // delivered live
    assertThat(journal().arrived(message("c", 9, false, true), false).state())
        .isEqualTo(State.DONE);
  }

  @Test
  void runsACommandWithAnIdOnce() {
    done(journal(), message("a", 1, false, false));
    assertThat(journal().arrived(message("a", 5, false, false), true).state())
        .isEqualTo(State.DONE);
  }

  @Test
  void recognizesAnInterruptedCommandAfterARestart() {
    run(journal(), message("", 1, false, false));
    CommandJournal after = journal();
    Entry again = after.arrived(message("", 1, true, false), false);
    assertThat(again.state()).isEqualTo(State.INTERRUPTED);
    again.replied(REPLY);
    again.close(true);
    assertThat(journal().arrived(message("", 1, true, false), false).state()).isEqualTo(State.DONE);
  }

  @Test
  void sendsAReplyAgainThatMayNotHaveArrived() {
    run(journal(), message("", 1, false, false)).replied(REPLY);
    Entry again = journal().arrived(message("", 1, true, false), false);
    assertThat(again.state()).isEqualTo(State.REPLIED);
    assertThat(again.reply().status()).isEqualTo(200);
    assertThat(again.reply().body()).isEqualTo(REPLY.body());
  }

  @Test
  void runsACommandAfterARestartIfItNeverBegan() {
    journal().arrived(message("", 1, false, false), false);
    run(journal(), message("", 1, true, false));
  }

  @Test
  void forgetsTheOldestCommandsButNotRetainedOnes() throws Exception {
    CommandJournal journal = journal();
    done(journal, message("kept", 1, false, true));
    Path kept = files().get(0);
    for (int i = 0; i < CommandJournal.MOST - 1; i++) {
      done(journal, message("n" + i, 1, false, false));
    }
    for (Path file : files()) {
      assertThat(file.toFile().setLastModified(file.equals(kept) ? 1_000 : 2_000)).isTrue();
    }
    journal.arrived(message("kept", 1, false, true), false).close(false);
    for (int i = 0; i < 10; i++) {
      done(journal, message("m" + i, 1, false, false));
    }
    assertThat(files()).hasSize(CommandJournal.MOST).contains(kept);
  }

  @Test
  void runsCommandsWithoutAWritableFolder() throws Exception {
    Files.writeString(folder.resolve("commands"), "a file");
    done(journal(), message("", 1, false, false));
  }

  @Test
  void discardsADamagedFile() throws Exception {
    done(journal(), message("", 1, false, false));
    Files.write(files().get(0), new byte[0]);
    done(journal(), message("", 1, true, false));
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("commands"))) {
      return files.toList();
    }
  }
}
