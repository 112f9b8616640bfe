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
 * Reads memory and swap space. On Linux it parses /proc/meminfo, since OSHI reads garbage in it as
 * 0.
 */
final class MemInfo {
  private MemInfo() {}

  /**
   * @param meminfo /proc/meminfo
   */
  static Supplier<Memory> memory(Path meminfo) {
    return () -> {
      String text = text(meminfo);
      return new Memory(
          line(text, "MemTotal"), new Source<>("MemAvailable", () -> available(text)));
    };
  }

  private static double available(String meminfo) {
    return meminfo.contains("MemAvailable:")
        ? bytes(meminfo, "MemAvailable")
        // before Linux 3.14
        : Stream.of("MemFree", "Active(file)", "Inactive(file)", "SReclaimable")
            .mapToDouble(name -> bytes(meminfo, name))
            .sum();
  }

  /**
   * @param vmstat /proc/vmstat
   */
  static Supplier<Swap> swap(Path meminfo, Path vmstat) {
    return () -> {
      String memory = text(meminfo);
      return new Swap(
          line(memory, "SwapTotal"),
          new Source<>("SwapFree", () -> bytes(memory, "SwapTotal") - bytes(memory, "SwapFree")),
          new Source<>("pswpin", () -> pages(vmstat, "pswpin ")),
          new Source<>("pswpout", () -> pages(vmstat, "pswpout ")));
    };
  }

  private static Source<Double> line(String meminfo, String name) {
    return new Source<>(name, () -> bytes(meminfo, name));
  }

  private static double pages(Path vmstat, String name) {
    String pages = text(vmstat);
    return pages.contains(name) ? number(pages, name) : Double.NaN;
  }

  static Supplier<Memory> memoryElsewhere(Supplier<GlobalMemory> memory) {
    return () ->
        new Memory(
            new Source<>("total", () -> (double) memory.get().getTotal()),
            new Source<>("available", () -> (double) memory.get().getAvailable()));
  }

  static Supplier<Swap> swapElsewhere(Supplier<GlobalMemory> memory) {
    return () -> {
      VirtualMemory swap = memory.get().getVirtualMemory();
      return new Swap(
          new Source<>("total", () -> (double) swap.getSwapTotal()),
          new Source<>("used", () -> (double) swap.getSwapUsed()),
          new Source<>("in", () -> (double) swap.getSwapPagesIn()),
          new Source<>("out", () -> (double) swap.getSwapPagesOut()));
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
      throw new IllegalStateException("no number for " + name.strip());
    }
    return unsigned(line.group(1));
  }
}
