package routes.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import routes.log.CapturedLog;

/** Files that block on open: pipes without a writer. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class BlockedRecordTest {
  private final CapturedLog log = new CapturedLog(HostMeters.class);

  @TempDir private Path sys;

  @BeforeEach
  void listen() throws IOException {
    Path chip = Files.createDirectories(sys.resolve("hwmon/hwmon0"));
    Files.writeString(chip.resolve("name"), "it87\n");
    Files.writeString(chip.resolve("fan2_input"), "1200\n");
  }

  @AfterEach
  void stopListening() {
    log.close();
  }

  @Test
  void aBlockingFileLosesOnlyItsRecordAndIsLoggedOnce() throws Exception {
    Path fan = pipe("hwmon/hwmon0/fan1_input");
    Meters meters = new Meters(Duration.ofMillis(500), sensors(), processes());

    for (int i = 0; i < 3; i++) {
      assertThat(meters.later().allValues())
          .containsEntry("hw.fan.speed it87-fan2", 1200.0)
          .containsEntry("system.process.count", 7.0)
          .containsEntry("collector.success sensor", 0.0)
          .containsEntry("collector.success process", 1.0);
    }
    assertThat(log.messages())
        .singleElement()
        .asString()
        .startsWith("cannot read the sensor meters of hwmon0/fan1; the others are not affected:");

    release(fan);
    await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              Files.deleteIfExists(fan);
              Files.writeString(fan, "900\n");
              assertThat(meters.later().allValues())
                  .containsEntry("hw.fan.speed it87-fan1", 900.0)
                  .containsEntry("collector.success sensor", 1.0);
            });
  }

  @Test
  void waitsForABlockingFileOnce() throws Exception {
    Path fan = pipe("hwmon/hwmon0/fan1_input");
    Meters meters = new Meters(Duration.ofSeconds(2), sensors());
    meters.values();
    long start = System.nanoTime();
    meters.later().values();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(300));
    release(fan);
  }

  @Test
  void skipsTheFamilyIfManyFilesBlock() throws Exception {
    for (int i = 3; i < 20; i++) {
      pipe("hwmon/hwmon0/fan" + i + "_input");
    }
    int threads = Thread.activeCount();
    Map<String, Double> values =
        new Meters(Duration.ofMillis(100), sensors(), processes()).allValues();

    assertThat(values)
        .containsEntry("collector.success sensor", 0.0)
        .containsEntry("system.process.count", 7.0)
        .doesNotContainKey("hw.fan.speed it87-fan2");
    assertThat(Thread.activeCount()).isLessThan(threads + 12);
    for (int i = 3; i < 20; i++) {
      release(sys.resolve("hwmon/hwmon0/fan" + i + "_input"));
    }
  }

  private Path pipe(String name) throws Exception {
    Path pipe = sys.resolve(name);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }

  /** Opening a pipe for reading and writing unblocks its readers. */
  private static void release(Path pipe) throws IOException {
    try (RandomAccessFile both = new RandomAccessFile(pipe.toFile(), "rw")) {
      both.writeBytes("900\n");
    }
  }

  private SensorMetrics sensors() {
    return new SensorMetrics(Hwmon.linux(sys.resolve("hwmon"), sys.resolve("thermal")));
  }

  private static ProcessMetrics processes() {
    return new ProcessMetrics(
        () -> new ProcessMetrics.Count(Source.of("a", 7.0), Source.of("b", 9.0)));
  }
}
