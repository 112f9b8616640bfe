package routes.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.stream.Stream;

/** The wall clock of the runtime alone, by libfaketime. */
final class SteppedClock {
  private static final Path LIBRARIES = Path.of("/usr/lib");

  private final Path file;

  private SteppedClock(Path file) {
    this.file = file;
  }

  /** Starts the runtime anew, under a clock that can be stepped; it goes right at first. */
  static SteppedClock of(Rig rig) throws Exception {
    Path library = library();
    assumeTrue(library != null, "libfaketime isn't installed: apt-get install libfaketime");
    SteppedClock clock = new SteppedClock(rig.folder.resolve("clock"));
    clock.step(Duration.ZERO);
    rig.set("LD_PRELOAD", library);
    rig.set("FAKETIME_TIMESTAMP_FILE", clock.file);
    rig.set("FAKETIME_CACHE_DURATION", 1);
    // without these two the JVM's threads spin
    rig.set("DONT_FAKE_MONOTONIC", "1");
    rig.set("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    rig.runtime().close();
    rig.startRuntime();
    rig.awaitReady();
    return clock;
  }

  private static Path library() throws IOException {
    try (Stream<Path> found =
        Files.find(
            LIBRARIES, 3, (path, attributes) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
      return found.findFirst().orElse(null);
    }
  }

  /** How far it is from the right time, a second from now at the latest. */
  void step(Duration off) throws IOException {
    Path next =
        Files.writeString(file.resolveSibling("clock.next"), "%+d".formatted(off.toSeconds()));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
