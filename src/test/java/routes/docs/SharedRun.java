package routes.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The {@code ./run} "in another terminal" that the pages refer to. It starts when it is needed. */
final class SharedRun {
  static final String COMMAND = "./run\n";

  /** The clouds and the broker. */
  private static final int GATEWAYS = 4;

  private static final Duration START = Duration.ofSeconds(60);

  private final Session session;
  private Path folder;
  private Terminal terminal;
  private boolean awaited;

  SharedRun(Session session) {
    this.session = session;
  }

  Path folder() throws IOException {
    if (folder == null) {
      folder = session.newCopy();
    }
    return folder;
  }

  /** Returns when its gateways are connected. Waits only once, so a failure costs only one wait. */
  Terminal terminal() throws IOException {
    if (terminal == null) {
      session.takeDefaultPorts();
      terminal = session.start(folder(), Map.of(), COMMAND);
    }
    if (!awaited) {
      awaited = true;
      await().atMost(START).until(() -> !terminal.isRunning() || connected() >= GATEWAYS);
    }
    assertThat(connected()).as(String.join("\n", terminal.output())).isGreaterThan(GATEWAYS - 1);
    return terminal;
  }

  private int connected() {
    return (int)
        terminal.output().stream()
            .filter(line -> line.matches(".*gateway-.* connected to .*"))
            .count();
  }

  BlockPorts ports() throws IOException {
    terminal();
    return BlockPorts.of(Files.readString(folder.resolve("target/sandbox/env")));
  }
}
