package routes.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import routes.sandbox.RuntimeProcess;

/**
 * The resources that a runtime holds.
 *
 * @param threads live ones
 * @param heap bytes after a collection
 */
record Vitals(int threads, long heap) {
  private static final Duration SETTLING = Duration.ofSeconds(30);
  private static final int MORE_THREADS = 8;

  /** Vert.x starts one per request up to this number. */
  private static final int WEB_WORKERS = 20;

  private static final long MORE_HEAP = 12 << 20;

  /**
   * Measures before a fault, after enough requests to make the web server start all of its workers.
   */
  static Vitals before(RuntimeProcess runtime) throws IOException, InterruptedException {
    for (int i = 0; i < WEB_WORKERS; i++) {
      runtime.get("/metrics");
    }
    return of(runtime);
  }

  static Vitals of(RuntimeProcess runtime) throws IOException, InterruptedException {
    String jcmd = System.getProperty("java.home") + "/bin/jcmd";
    Process collection =
        new ProcessBuilder(jcmd, String.valueOf(runtime.process().pid()), "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    collection.waitFor(20, TimeUnit.SECONDS);
    String metrics = runtime.get("/metrics").body();
    double heap =
        metrics
            .lines()
            .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
            .mapToDouble(Vitals::value)
            .sum();
    int threads =
        metrics
            .lines()
            .filter(line -> line.startsWith("jvm_threads_live_threads"))
            .mapToInt(line -> (int) value(line))
            .sum();
    return new Vitals(threads, (long) heap);
  }

  static double value(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  /**
   * Measures until the values are near the earlier ones, because idle threads end later; otherwise
   * returns the last values.
   */
  static Vitals settled(RuntimeProcess runtime, Vitals before)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Vitals now = of(runtime);
    while (!now.near(before) && System.nanoTime() - start < SETTLING.toNanos()) {
      // a collection pauses every thread, and the pools may grow meanwhile
      TimeUnit.SECONDS.sleep(1);
      now = of(runtime);
    }
    return now;
  }

  boolean near(Vitals before) {
    return threads <= before.threads + MORE_THREADS && heapIsNear(before);
  }

  boolean heapIsNear(Vitals before) {
    return heap <= before.heap + MORE_HEAP;
  }

  double heapMegabytes() {
    return heap / 1_048_576.0;
  }
}
