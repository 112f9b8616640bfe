package routes.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import routes.NatsServer;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxClouds;

/** Resident memory and threads of the runtime with a gateway to every stand-in. */
final class MemoryBench {
  private static final int REQUESTS = 100;

  private MemoryBench() {}

  static void run() throws Exception {
    PrintStream table = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream())); // the stand-ins print messages
    Map<String, String> rows = new LinkedHashMap<>();
    try {
      measure(rows);
    } finally {
      System.setOut(table);
    }
    rows.forEach((what, measured) -> Bench.row(what, measured, ""));
  }

  private static void measure(Map<String, String> rows) throws Exception {
    Path folder = Files.createTempDirectory("bench-");
    try (NatsServer nats = new NatsServer().open();
        SandboxClouds clouds = new SandboxClouds(folder, Bench.DEVICE)) {
      Map<String, String> settings = new HashMap<>(clouds.settings());
      int gateways = settings.get("GATEWAYS").split(",").length;
      try (RuntimeProcess runtime = RuntimeProcess.startJar(Bench.settings(nats, settings))) {
        TimeUnit.MINUTES.sleep(1);
        String answer = runtime.get("/health/ready").body();
        if (!answer.contains("\"status\":\"UP\"") || answer.contains("DOWN")) {
          throw new IllegalStateException("not ready: " + answer);
        }
        rows.put(
            "resident memory after a minute, %d gateways".formatted(gateways), measured(runtime));
        for (int i = 0; i < REQUESTS; i++) {
          for (String path : List.of("/metrics", "/api/sample", "/health")) {
            runtime.get(path);
          }
        }
        rows.put("  after %d HTTP requests".formatted(3 * REQUESTS), measured(runtime));
      }
    }
  }

  private static String measured(RuntimeProcess runtime) throws IOException {
    long pid = runtime.process().pid();
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return "%s, %d threads".formatted(Bench.megabytes(pid, "VmRSS"), threads.count());
    }
  }
}
