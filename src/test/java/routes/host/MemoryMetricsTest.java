package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import oshi.hardware.GlobalMemory;

class MemoryMetricsTest {
  @Test
  void usedAndFreeAddUpToTheLimit() {
    Recorded<GlobalMemory> memory =
        Recorded.a(GlobalMemory.class).with("getTotal", 1000L).with("getAvailable", 600L);

    assertThat(Meters.of(new MemoryMetrics(MemInfo.memoryElsewhere(memory::reading))))
        .isEqualTo(
            Map.of(
                "system.memory.usage used", 400.0,
                "system.memory.usage free", 600.0,
                "system.memory.limit", 1000.0,
                "system.memory.utilization used", 0.4,
                "system.memory.utilization free", 0.6));
  }

  @Test
  void omitsMemoryThatOshiCouldNotRead() {
    assertThat(
            Meters.of(
                new MemoryMetrics(
                    MemInfo.memoryElsewhere(Recorded.a(GlobalMemory.class)::reading))))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MemTotal: 1000 kB;MemFree: 100 kB;MemAvailable: 600 kB | 614400
          MemTotal: 1000 kB;MemFree: 100 kB;Active(file): 50 kB;Inactive(file): 60 kB;SReclaimable: 7 kB | 222208
          MemTotal: 1000 kB;MemAvailable: 1001 kB |
          MemTotal: 1000 kB;MemAvailable: |
          MemTotal: 10x0 kB;MemAvailable: 5 kB |
          """)
  void omitsGarbledAndImpossibleValues(String lines, Double free, @TempDir Path proc)
      throws IOException {
    Path file = Files.writeString(proc.resolve("meminfo"), lines.replace(';', '\n') + "\n");

    Map<String, Double> values = Meters.of(new MemoryMetrics(MemInfo.memory(file)));
    assertThat(values.get("system.memory.usage free")).isEqualTo(free);
    assertThat(values.containsKey("system.memory.limit")).isEqualTo(lines.contains(" 1000 kB"));
  }

  @Test
  void thisMachineHasMemory() {
    Map<String, Double> values = Meters.of(new MemoryMetrics(new Machine().memory()));

    assertThat(values.get("system.memory.limit")).isPositive();
    assertThat(values.get("system.memory.utilization used")).isBetween(0.0, 1.0);
  }
}
