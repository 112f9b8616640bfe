package routes.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Fakes the wall clock of one process with libfaketime. It is correct at first. */
public final class FakeTime {
  private static final Path LIBRARIES = Path.of("/usr/lib");

  private final Path library;
  private final Path file;

  private FakeTime(Path library, Path file) {
    this.library = library;
    this.file = file;
  }

  /**
   * @param folder for the file that the library reads
   * @return empty if libfaketime is not installed
   */
  public static Optional<FakeTime> in(Path folder) throws IOException {
    try (Stream<Path> found =
        Files.find(
            LIBRARIES, 3, (path, attributes) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
      Optional<Path> library = found.findFirst();
      if (library.isEmpty()) {
        return Optional.empty();
      }
      FakeTime time = new FakeTime(library.get(), folder.resolve("clock"));
      time.step(Duration.ZERO);
      return Optional.of(time);
    }
  }

  /** The environment variables that the process needs. */
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD",
        library.toString(),
        "FAKETIME_TIMESTAMP_FILE",
        file.toString(),
        "FAKETIME_CACHE_DURATION",
        "1",
        // without these two the JVM's threads spin
        "DONT_FAKE_MONOTONIC",
        "1",
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0");
  }

  /** Sets the offset from the correct time. Takes effect within a second. */
  public void step(Duration off) throws IOException {
    Path next =
        Files.writeString(file.resolveSibling("clock.next"), "%+d".formatted(off.toSeconds()));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
