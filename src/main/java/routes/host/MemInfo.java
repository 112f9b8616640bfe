package routes.host;

import static routes.host.KernelFile.unsigned;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import oshi.hardware.GlobalMemory;
import oshi.hardware.VirtualMemory;
import routes.host.MemoryMetrics.Memory;
import routes.host.PagingMetrics.Swap;

/**
 * Reads memory and swap space: on Linux from /proc/meminfo, since OSHI takes garbage in it for 0.
 */
final class MemInfo {
  private MemInfo() {}

  /**
   * @param meminfo /proc/meminfo
   */
  static Supplier<Memory> memory(Path meminfo) {
    return () -> {
      String text = text(meminfo);
      double available =
          text.contains("MemAvailable:")
              ? bytes(text, "MemAvailable")
              // before Linux 3.14
              : Stream.of("MemFree", "Active(file)", "Inactive(file)", "SReclaimable")
                  .mapToDouble(name -> bytes(text, name))
                  .sum();
      return new Memory(bytes(text, "MemTotal"), available);
    };
  }

  /**
   * @param vmstat /proc/vmstat
   */
  static Supplier<Swap> swap(Path meminfo, Path vmstat) {
    return () -> {
      String memory = text(meminfo);
      double total = bytes(memory, "SwapTotal");
      String pages = total > 0 ? text(vmstat) : "";
      return new Swap(
          total,
          total - bytes(memory, "SwapFree"),
          pages.contains("pswpin ") ? number(pages, "pswpin ") : Double.NaN,
          pages.contains("pswpout ") ? number(pages, "pswpout ") : Double.NaN);
    };
  }

  static Supplier<Memory> memoryElsewhere(Supplier<GlobalMemory> memory) {
    return () -> new Memory(memory.get().getTotal(), memory.get().getAvailable());
  }

  static Supplier<Swap> swapElsewhere(Supplier<GlobalMemory> memory) {
    return () -> {
      VirtualMemory swap = memory.get().getVirtualMemory();
      return new Swap(
          swap.getSwapTotal(), swap.getSwapUsed(), swap.getSwapPagesIn(), swap.getSwapPagesOut());
    };
  }

  private static String text(Path file) {
    try {
      return KernelFile.text(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double bytes(String meminfo, String name) {
    return number(meminfo, name + ":") * 1024;
  }

  private static double number(String text, String name) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(name) + "\\s*(\\d+)( kB)?$", Pattern.MULTILINE)
            .matcher(text);
    if (!line.find()) {
      throw new IllegalStateException("no number at " + name.strip());
    }
    return unsigned(line.group(1));
  }
}
