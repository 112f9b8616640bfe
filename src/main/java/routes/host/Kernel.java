package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.host.ProcessMetrics.Count;

/** What Linux reports about itself: its uptime, and the number of processes and threads. */
final class Kernel {
  /** The load averages, then running and total threads. */
  private static final Pattern THREADS = Pattern.compile("\\S+ \\S+ \\S+ \\d+/(\\d+) \\d+\\s*");

  private static final Pattern UPTIME = Pattern.compile("(\\d{1,12})\\.\\d+ \\S+\\s*");

  private Kernel() {}

  /** Returns the uptime in whole seconds. */
  static DoubleSupplier uptime(Path proc) {
    return () -> Long.parseLong(first(UPTIME, proc.resolve("uptime")));
  }

  /** Reads threads from loadavg: the kernel's other count has 16 bits. */
  static Supplier<Count> count(Path proc) {
    return () ->
        new Count(
            new Source<>("processes", () -> processes(proc)),
            new Source<>("threads", () -> Double.valueOf(first(THREADS, proc.resolve("loadavg")))));
  }

  private static double processes(Path proc) throws IOException {
    double count = 0;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[1-9]*")) {
      for (Path process : processes) {
        count++;
      }
    }
    return count;
  }

  private static String first(Pattern pattern, Path file) {
    try {
      Matcher text = pattern.matcher(KernelFile.text(file));
      if (text.matches()) {
        return text.group(1);
      }
      throw new IllegalStateException(file + " has an unknown format");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
