package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;

/**
 * The processors at one instant. Offline processors are left out and the others keep their numbers,
 * whereas OSHI numbers the lines of /proc/stat and determines their count only once.
 *
 * @param ticks milliseconds by {@link TickType}, of {@link #ALL} and of each logical processor,
 *     which is named by its number
 * @param cores physical processors
 */
record Processors(List<Source<long[]>> ticks, Source<double[]> load, Source<Integer> cores) {
  /** Names the ticks of all processors together. */
  static final String ALL = "all";

  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final int MODES = TickType.values().length;

  /** The kernel reports 100 ticks per second to programs, regardless of its own rate. */
  private static final int MILLIS_PER_TICK = 10;

  /**
   * @param cpu /sys/devices/system/cpu
   */
  static Supplier<Processors> linux(Path proc, Path cpu) {
    return () -> {
      try {
        List<Source<long[]>> ticks = parse(KernelFile.text(proc.resolve("stat")));
        return new Processors(
            ticks,
            new Source<>("load", () -> load(KernelFile.text(proc.resolve("loadavg")))),
            new Source<>("cores", () -> cores(ticks, cpu)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  static Supplier<Processors> elsewhere(Supplier<CentralProcessor> processor) {
    return () -> {
      CentralProcessor cpu = processor.get();
      List<Source<long[]>> ticks = new ArrayList<>();
      ticks.add(Source.of(ALL, cpu.getSystemCpuLoadTicks()));
      long[][] logical = cpu.getProcessorCpuLoadTicks();
      for (int i = 0; i < logical.length; i++) {
        ticks.add(Source.of(Integer.toString(i), logical[i]));
      }
      return new Processors(
          ticks,
          new Source<>("load", () -> cpu.getSystemLoadAverage(3)),
          new Source<>("cores", cpu::getPhysicalProcessorCount));
    };
  }

  static List<Source<long[]>> parse(String stat) {
    List<String[]> lines =
        stat.lines().filter(line -> line.startsWith("cpu")).map(BLANKS::split).toList();
    int columns = lines.stream().mapToInt(line -> line.length).max().orElse(0);
    List<Source<long[]>> ticks = new ArrayList<>();
    for (String[] line : lines) {
      String number = line[0].substring("cpu".length());
      ticks.add(new Source<>(number.isEmpty() ? ALL : number, () -> ticks(line, columns)));
    }
    return ticks;
  }

  private static long[] ticks(String[] line, int columns) {
    if (line.length < columns) {
      throw new IllegalStateException("a truncated line");
    }
    long[] ticks = new long[MODES];
    // an old kernel has fewer of them, a new one also time in guests, which is the user's too
    for (int i = 0; i < Math.min(MODES, line.length - 1); i++) {
      ticks[i] = Math.multiplyExact(Long.parseLong(line[i + 1]), MILLIS_PER_TICK);
    }
    return ticks;
  }

  private static double[] load(String loadavg) {
    return Arrays.stream(BLANKS.split(loadavg)).limit(3).mapToDouble(Double::parseDouble).toArray();
  }

  /** The number of groups of siblings; 0 (unknown) if none is listed. */
  static int cores(List<Source<long[]>> logical, Path cpu) throws IOException {
    Set<String> siblings = new HashSet<>();
    for (Source<long[]> processor : logical) {
      if (!processor.name().equals(ALL)) {
        Path topology = cpu.resolve("cpu" + processor.name()).resolve("topology");
        siblings.add(KernelFile.word(topology.resolve("thread_siblings_list")));
      }
    }
    return siblings.contains("") ? 0 : siblings.size();
  }
}
