package routes.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import routes.NatsServer;
import routes.image.Layout;
import routes.sandbox.RuntimeProcess;

/**
 * Size, start time and memory of the image: {@code ./bench image} runs its content without a
 * container; {@code ./bench image NAME} runs it in podman, read-only, without capabilities, on the
 * host's network.
 */
final class ImageBench {
  private static final String CONTAINER = "cloud-iot-routes-bench";

  private final Layout layout = new Layout(Path.of("target/image").toAbsolutePath());
  private final String image;

  /**
   * @param image the name of an image, or null for the layout in target/image
   */
  ImageBench(String image) {
    this.image = image;
  }

  void run() throws Exception {
    Bench.row("what", "measured", "budget");
    Bench.row("---", "---", "---");
    size();
    if (image == null) {
      Bench.start("start without the cache", settings -> start(settings, "-XX:AOTMode=off"));
    }
    Bench.start("start", this::start);
    if (image != null) {
      podmanAlone();
    }
    memory();
  }

  private void size() throws Exception {
    if (image != null) {
      long bytes = Long.parseLong(podman("image", "inspect", "--format", "{{.Size}}", image));
      Bench.row("image, uncompressed", bytes / 1_000_000 + " MB", "< 130 MB");
      return;
    }
    for (String part : List.of("java", "app/lib", "app/app.aot")) {
      if (Files.exists(layout.path(part))) {
        Bench.row(part, "%.1f MB".formatted(layout.size(part) / 1e6), "");
      }
    }
    double all = (layout.size("java") + layout.size("app") + layout.size("routes")) / 1e6;
    Bench.row("layout, total", "%.1f MB".formatted(all), "");
  }

  private RuntimeProcess start(Map<String, String> settings, String... options) throws IOException {
    if (image == null) {
      settings.put("ROUTES_DIRECTORY", layout.path("routes").toString());
      return layout.start(settings, List.of(options));
    }
    List<String> command = podmanRun();
    command.addAll(List.of("-e", "HTTP_PORT"));
    settings.keySet().forEach(name -> command.addAll(List.of("-e", name)));
    command.add(image);
    return RuntimeProcess.startCommand(command, settings);
  }

  private static List<String> podmanRun() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("podman", "run", "--rm", "--name", CONTAINER, "--network", "host"));
    command.addAll(List.of("--read-only", "--cap-drop", "ALL", "--memory", "160m"));
    command.addAll(List.of("--security-opt", "no-new-privileges"));
    return command;
  }

  /**
   * The time until the image's bash, started in place of the runtime, has connected to a socket.
   */
  private void podmanAlone() throws Exception {
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        socket.setSoTimeout(60_000);
        List<String> command = podmanRun();
        command.addAll(List.of("--entrypoint", "/bin/bash", image, "-c"));
        command.add("exec 3<>/dev/tcp/127.0.0.1/" + socket.getLocalPort());
        long begin = System.nanoTime();
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        socket.accept().close();
        millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        process.waitFor();
      }
    }
    Bench.row("  of which podman, until a process runs", Bench.median(millis), "");
  }

  private void memory() throws Exception {
    try (NatsServer nats = new NatsServer().open();
        RuntimeProcess runtime = start(Bench.settings(nats, Map.of()))) {
      TimeUnit.MINUTES.sleep(1);
      long pid =
          image == null
              ? runtime.process().pid()
              : Long.parseLong(podman("inspect", "--format", "{{.State.Pid}}", CONTAINER));
      Bench.row(
          "resident memory after a minute, no gateway", Bench.megabytes(pid, "VmRSS"), "< 80 MB");
      Bench.row("  of which not page cache", Bench.megabytes(pid, "RssAnon"), "");
    }
  }

  private static String podman(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("podman"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed");
    }
    return answer.strip();
  }
}
