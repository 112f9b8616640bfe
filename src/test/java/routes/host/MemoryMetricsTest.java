package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import oshi.hardware.GlobalMemory;

class MemoryMetricsTest {
  @Test
  void usedAndFreeAddUpToTheLimit() {
    Recorded<GlobalMemory> memory =
        Recorded.a(GlobalMemory.class).with("getTotal", 1000L).with("getAvailable", 600L);

    assertThat(Meters.of(new MemoryMetrics(memory::reading)))
        .isEqualTo(
            Map.of(
                "system.memory.usage used", 400.0,
                "system.memory.usage free", 600.0,
                "system.memory.limit", 1000.0,
                "system.memory.utilization used", 0.4,
                "system.memory.utilization free", 0.6));
  }

  @Test
  void memoryThatOshiCouldNotReadIsAbsent() {
    assertThat(Meters.of(new MemoryMetrics(Recorded.a(GlobalMemory.class)::reading))).isEmpty();
  }

  @Test
  void thisMachineHasMemory() {
    Map<String, Double> values = Meters.of(new MemoryMetrics(new Machine()::memory));

    assertThat(values.get("system.memory.limit")).isPositive();
    assertThat(values.get("system.memory.utilization used")).isBetween(0.0, 1.0);
  }
}
