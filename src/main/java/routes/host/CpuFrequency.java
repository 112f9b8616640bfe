package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import oshi.hardware.CentralProcessor;

/** The mean clock rate of the logical processors in Hz; NaN if the machine does not report it. */
final class CpuFrequency {
  private CpuFrequency() {}

  /**
   * Reads Linux's cpufreq, which has one folder per group of online processors. OSHI would need
   * libudev, which a slim container lacks.
   */
  static DoubleSupplier linux(Path cpufreq) {
    return () -> {
      if (!Files.isDirectory(cpufreq)) {
        return Double.NaN;
      }
      try (DirectoryStream<Path> groups = Files.newDirectoryStream(cpufreq, "policy*")) {
        double hertz = 0;
        int processors = 0;
        for (Path group : groups) {
          int size = online(group);
          double rate = hertz(group);
          if (!Double.isNaN(rate)) {
            hertz += size * rate;
            processors += size;
          }
        }
        return hertz / processors;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** The number of online processors in the group; its rate counts once per processor. */
  private static int online(Path group) {
    Path cpus = group.resolve("affected_cpus");
    String numbers = Files.exists(cpus) ? KernelFile.answer(cpus) : "0";
    return numbers.isEmpty() ? 0 : numbers.split("\\s+").length;
  }

  /** NaN for a group whose processors are off, or whose driver returns {@code <unknown>}. */
  private static double hertz(Path group) {
    String kilohertz = KernelFile.answer(group.resolve("scaling_cur_freq"));
    return kilohertz.matches("\\d{1,18}")
        ? Bounds.CPU_FREQUENCY.check(1000.0 * Long.parseLong(kilohertz))
        : Double.NaN;
  }

  static DoubleSupplier elsewhere(Supplier<CentralProcessor> processor) {
    return () ->
        Arrays.stream(processor.get().getCurrentFreq())
            .filter(rate -> rate > 0)
            .average()
            .orElse(Double.NaN);
  }
}
