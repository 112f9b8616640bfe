package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import oshi.hardware.GlobalMemory;
import oshi.hardware.VirtualMemory;

class PagingMetricsTest {
  @Test
  void swapSpaceIsUsedOrFree() {
    Recorded<VirtualMemory> swap =
        Recorded.a(VirtualMemory.class)
            .with("getSwapTotal", 100L)
            .with("getSwapUsed", 25L)
            .with("getSwapPagesIn", 7L)
            .with("getSwapPagesOut", 9L);

    assertThat(Meters.of(new PagingMetrics(MemInfo.swapElsewhere(() -> memory(swap)))))
        .isEqualTo(
            Map.of(
                "system.paging.usage used", 25.0,
                "system.paging.usage free", 75.0,
                "system.paging.utilization used", 0.25,
                "system.paging.utilization free", 0.75,
                "system.paging.operations in", 7.0,
                "system.paging.operations out", 9.0));
  }

  @Test
  void aGarbledPageCountDoesNotAffectSpace(@TempDir Path proc) throws IOException {
    Path meminfo = Files.writeString(proc.resolve("meminfo"), "SwapTotal: 4 kB\nSwapFree: 3 kB\n");
    Path vmstat =
        Files.writeString(proc.resolve("vmstat"), "pswpin x\npswpout 18446744073709551615\n");

    assertThat(new Meters(new PagingMetrics(MemInfo.swap(meminfo, vmstat))).allValues())
        .containsEntry("system.paging.usage used", 1024.0)
        .containsEntry("system.paging.operations out", 18446744073709551615.0)
        .containsEntry("collector.success paging", 0.0)
        .doesNotContainKey("system.paging.operations in");
  }

  @Test
  void aMachineWithoutSwapHasNoPagingMeters() {
    assertThat(
            Meters.of(
                new PagingMetrics(
                    MemInfo.swapElsewhere(() -> memory(Recorded.a(VirtualMemory.class))))))
        .isEmpty();
  }

  @Test
  void swapUtilizationOfThisMachineIsBetween0And1() {
    Map<String, Double> values = Meters.of(new PagingMetrics(new Machine().swap()));

    assertThat(values.getOrDefault("system.paging.utilization used", 0.0)).isBetween(0.0, 1.0);
  }

  private static GlobalMemory memory(Recorded<VirtualMemory> swap) {
    return Recorded.a(GlobalMemory.class).with("getVirtualMemory", swap.reading()).reading();
  }
}
