package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.host.ProcessMetrics.Count;

class ProcessMetricsTest {
  @Test
  void processesAndThreadsAreCounted() {
    assertThat(read(120, 900))
        .isEqualTo(Map.of("system.process.count", 120.0, "system.thread.count", 900.0));
  }

  @Test
  void omitsWhatCouldNotBeCounted() {
    assertThat(read(0, 0)).isEmpty();
  }

  @Test
  void countsMoreThreadsThanFitInSixteenBits(@TempDir Path proc) throws IOException {
    for (String name : List.of("1", "815", "self", "net")) {
      Files.createDirectory(proc.resolve(name));
    }
    Files.writeString(proc.resolve("loadavg"), "0.00 0.01 0.05 2/70000 815\n");

    assertThat(Meters.of(new ProcessMetrics(Kernel.count(proc))))
        .isEqualTo(Map.of("system.process.count", 2.0, "system.thread.count", 70_000.0));
  }

  @Test
  void aGarbledThreadCountDoesNotAffectProcesses(@TempDir Path proc) throws IOException {
    Files.createDirectory(proc.resolve("1"));
    Files.writeString(proc.resolve("loadavg"), "0.00 0.01\n");

    assertThat(new Meters(new ProcessMetrics(Kernel.count(proc))).allValues())
        .isEqualTo(Map.of("system.process.count", 1.0, "collector.success process", 0.0));
  }

  @Test
  void thisMachineRunsAtLeastThisProcess() {
    Map<String, Double> values = Meters.of(new ProcessMetrics(new Machine().processes()));

    assertThat(values.get("system.process.count")).isGreaterThanOrEqualTo(1);
    assertThat(values.get("system.thread.count")).isGreaterThanOrEqualTo(1);
  }

  private static Map<String, Double> read(double processes, double threads) {
    return Meters.of(
        new ProcessMetrics(
            () -> new Count(Source.of("processes", processes), Source.of("threads", threads))));
  }
}
