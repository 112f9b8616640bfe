package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.FakeTime;
import routes.sandbox.RuntimeProcess;

/** A sample is taken in every period, even if the system clock is set. */
class ClockStepTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final List<Instant> taken = new CopyOnWriteArrayList<>();

  @Test
  void samplesContinueWhenTheClockStepsBackAnHour() throws Exception {
    Optional<FakeTime> time = FakeTime.in(folder);
    assumeTrue(time.isPresent(), "libfaketime isn't installed: apt-get install libfaketime");
    Map<String, String> settings = new HashMap<>(time.get().environment());
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("DATA_DIRECTORY", folder.toString());
    settings.put("COLLECT_PERIOD", "500ms");
    nats.connection()
        .createDispatcher(message -> taken.add(timestamp(message.getData())))
        .subscribe("telemetry.edge-1.metrics");
    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      await().atMost(SOON).until(() -> taken.size() >= 3);
      time.get().step(Duration.ofHours(-1));
      await().atMost(SOON).until(() -> inThePast() >= 1);
      long before = System.nanoTime();
      long first = inThePast();
      await().atMost(SOON).until(() -> inThePast() >= first + 6);
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .as("six periods of 500 ms")
          .isBetween(Duration.ofMillis(2_000), Duration.ofSeconds(6));
      assertThat(runtime.get("/health/ready").body()).doesNotContain("no sample");
    }
  }

  private static Instant timestamp(byte[] sample) {
    try {
      return Instant.parse(JSON.readTree(sample).path("timestamp").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long inThePast() {
    Instant past = Instant.now().minus(Duration.ofMinutes(30));
    return taken.stream().filter(timestamp -> timestamp.isBefore(past)).count();
  }
}
