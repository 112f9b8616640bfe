package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import oshi.software.os.OperatingSystem;

class ProcessMetricsTest {
  @Test
  void processesAndThreadsAreCounted() {
    assertThat(read(120, 900))
        .isEqualTo(Map.of("system.process.count", 120.0, "system.thread.count", 900.0));
  }

  @Test
  void moreThreadsThanASignedShortHoldsAreCountedToo() {
    assertThat(read(120, (short) 40_000)).containsEntry("system.thread.count", 40_000.0);
  }

  @Test
  void whatOshiCouldNotCountIsAbsent() {
    assertThat(read(0, 0)).isEmpty();
  }

  @Test
  void thisMachineRunsAtLeastThisProcess() {
    Map<String, Double> values = Meters.of(new ProcessMetrics(new Machine()::operatingSystem));

    assertThat(values.get("system.process.count")).isGreaterThanOrEqualTo(1);
    assertThat(values.get("system.thread.count")).isGreaterThanOrEqualTo(1);
  }

  private static Map<String, Double> read(int processes, int threads) {
    Recorded<OperatingSystem> system =
        Recorded.a(OperatingSystem.class)
            .with("getProcessCount", processes)
            .with("getThreadCount", threads);
    return Meters.of(new ProcessMetrics(system::reading));
  }
}
