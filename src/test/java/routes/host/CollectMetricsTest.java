package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import routes.sample.Device;
import routes.sample.NamePatterns;
import routes.sample.Sampler;

/** The sample as clouds receive it. */
class CollectMetricsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/collect-metrics/sample.json");

  @Test
  void aFullyEquippedMachineProducesTheRecordedSample() throws IOException {
    assertThat(sample(true)).isEqualToNormalizingNewlines(Files.readString(GOLDEN).stripTrailing());
  }

  @Test
  void theSampleFitsInFourKilobytes() throws IOException {
    assertThat(sample(false).getBytes(StandardCharsets.UTF_8).length).isLessThan(4096);
  }

  private static String sample(boolean indented) throws IOException {
    Meters meters = new Everything().meters();
    Device device =
        new Device(
            "edge-1",
            Map.of("site", "berlin"),
            Clock.fixed(Instant.parse("2026-11-23T10:00:00Z"), ZoneOffset.UTC),
            () -> "01J00000000000000000000000");
    Sampler sampler =
        new Sampler(
                meters.registry,
                meters.host,
                device,
                new NamePatterns(List.of("*"), List.of("collector.*")))
            .start();
    sampler.sample();
    meters.later();
    ObjectMapper json = new ObjectMapper();
    return indented
        ? json.writerWithDefaultPrettyPrinter().writeValueAsString(sampler.sample())
        : json.writeValueAsString(sampler.sample());
  }
}
