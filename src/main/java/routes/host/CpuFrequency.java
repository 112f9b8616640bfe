package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import oshi.hardware.CentralProcessor;

/** The logical processors' mean clock rate in Hz; NaN where the machine doesn't say it. */
final class CpuFrequency {
  private CpuFrequency() {}

  /**
   * From Linux's cpufreq, a file for each group of processors: OSHI needs libudev for that, which a
   * slim container lacks.
   */
  static DoubleSupplier linux(Path cpufreq) {
    List<Path> policies = new ArrayList<>();
    if (Files.isDirectory(cpufreq)) {
      try (DirectoryStream<Path> groups = Files.newDirectoryStream(cpufreq, "policy*")) {
        groups.forEach(policies::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return () -> mean(policies.stream().mapToLong(policy -> 1000 * kilohertz(policy)));
  }

  /** A group whose processors are off has no rate. */
  private static long kilohertz(Path policy) {
    try {
      return Long.parseLong(Files.readString(policy.resolve("scaling_cur_freq")).strip());
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  static DoubleSupplier elsewhere(Supplier<CentralProcessor> processor) {
    return () -> mean(Arrays.stream(processor.get().getCurrentFreq()));
  }

  private static double mean(LongStream hertz) {
    return hertz.filter(rate -> rate > 0).average().orElse(Double.NaN);
  }
}
