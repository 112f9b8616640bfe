package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What {@code ./run} starts: NATS, a broker, and the runtime with a gateway that points at it.
 * Prints where everything is, then a line for each sample that arrived at the broker.
 */
public final class Sandbox {
  private static final Path DIRECTORY = Path.of("target/sandbox");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, String> environment = System.getenv();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Deque<Runnable> stops = new ArrayDeque<>();
  private boolean stopping;

  private Sandbox() {}

  /**
   * @param args the path of a nats-server
   */
  public static void main(String... args) throws Exception {
    Sandbox sandbox = new Sandbox();
    Runtime.getRuntime().addShutdownHook(new Thread(sandbox::stop, "sandbox-stop"));
    System.exit(sandbox.run(args[0]));
  }

  /** Runs until the runtime ends, and returns its exit code. */
  private int run(String natsServer) throws Exception {
    Files.createDirectories(DIRECTORY);
    System.out.println("cloud-iot-routes, until Ctrl-C");
    if (given("NATS_SERVERS")) {
      settings.put("NATS_SERVERS", environment.get("NATS_SERVERS"));
      say("NATS", settings.get("NATS_SERVERS"), "yours");
    } else {
      startNats(natsServer);
    }
    if (given("GATEWAYS")) {
      String gateways = environment.get("GATEWAYS");
      boolean none = gateways.isBlank();
      say(
          "gateways",
          none ? "none" : gateways,
          none ? "every sample stays on the bus" : "with the settings of the environment");
    } else {
      startBroker();
    }
    String port =
        given("HTTP_PORT") ? environment.get("HTTP_PORT") : String.valueOf(Ports.freeOr(8080));
    settings.put("HTTP_PORT", port);
    settings.put("HTTP_URL", "http://127.0.0.1:" + port);
    settings.put("COLLECT_PERIOD", environment.getOrDefault("COLLECT_PERIOD", "2s"));
    say("runtime", settings.get("HTTP_URL"), "/metrics /health /api/sample /api/gateways");
    say("settings", writeEnvironment().toString(), "the addresses above, and more");
    say("routes", "routes-yaml/", "edit a file: it takes effect at once");
    Process runtime = startRuntime();
    if (given("GATEWAYS")) {
      reportDeliveries(runtime);
    }
    return runtime.waitFor();
  }

  private boolean given(String name) {
    return environment.containsKey(name);
  }

  private static void say(String what, String where, String more) {
    System.out.printf("  %-9s %-28s %s%n", what, where, more);
  }

  private void startNats(String natsServer) throws IOException {
    int port = Ports.freeOr(4222);
    Path data = DIRECTORY.resolve("nats");
    List<String> command = new ArrayList<>(List.of(natsServer, "-a", "127.0.0.1"));
    command.addAll(List.of("-p", "" + port, "-js", "-sd", data.toString()));
    start(new ProcessBuilder(command).redirectOutput(DIRECTORY.resolve("nats.log").toFile()));
    settings.put("NATS_SERVERS", "nats://127.0.0.1:" + port);
    say("NATS", settings.get("NATS_SERVERS"), "data in " + data);
  }

  private void startBroker() {
    SandboxBroker broker = new SandboxBroker().listen(Sandbox::report).start(1883);
    onStop(broker::close);
    settings.put("GATEWAYS", "mqtt");
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    say("broker", settings.get("MQTT_URL"), "MQTT 5 and 3.1.1, any user");
  }

  private static void report(Arrived message) {
    try {
      JsonNode sample = JSON.readTree(message.text());
      JsonNode system = sample.path("metrics").path("system");
      System.out.printf(
          "%s  %s  %d bytes  cpu %.1f %%  memory %.1f %% used  id %s%n",
          now(),
          message.topic(),
          message.text().length(),
          100 * system.path("cpu").path("utilization").asDouble(),
          100 * system.path("memory").path("utilization").path("used").asDouble(),
          sample.path("id").asText());
    } catch (IOException e) {
      System.out.printf(
          "%s  %s  %d bytes, no JSON%n", now(), message.topic(), message.text().length());
    }
  }

  private static String now() {
    return TIME.format(LocalTime.now());
  }

  private Path writeEnvironment() throws IOException {
    StringBuilder lines = new StringBuilder();
    settings.forEach((key, value) -> lines.append(key).append('=').append(value).append('\n'));
    return Files.writeString(DIRECTORY.resolve("env"), lines);
  }

  private Process startRuntime() throws IOException {
    String java = System.getProperty("java.home") + "/bin/java";
    ProcessBuilder builder =
        new ProcessBuilder(java, "@jvm.options", "-jar", "target/cloud-iot-routes.jar");
    builder.environment().putAll(settings);
    return start(builder.redirectOutput(Redirect.INHERIT));
  }

  private Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.redirectErrorStream(true).start();
    onStop(
        () -> {
          process.destroy();
          if (process.onExit().completeOnTimeout(null, 15, TimeUnit.SECONDS).join() == null) {
            process.destroyForcibly().onExit().join();
          }
        });
    return process;
  }

  /** What a real gateway has delivered, as the runtime counts it: its broker is out of sight. */
  private void reportDeliveries(Process runtime) throws InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    URI gateways = URI.create(settings.get("HTTP_URL") + "/api/gateways");
    HttpRequest request = HttpRequest.newBuilder(gateways).build();
    Map<String, Long> before = new HashMap<>();
    while (!runtime.waitFor(1, TimeUnit.SECONDS)) {
      try {
        for (JsonNode gateway :
            JSON.readTree(client.send(request, BodyHandlers.ofString()).body())) {
          String name = gateway.path("gateway").asText();
          long delivered = gateway.path("delivered").asLong();
          if (delivered > before.getOrDefault(name, 0L)) {
            System.out.printf(
                "%s  %s  delivered %d  backlog %d%n",
                now(), name, delivered, gateway.path("backlog").asLong());
            before.put(name, delivered);
          }
        }
      } catch (IOException e) {
        // it is starting, or about to end
      }
    }
  }

  /** Whatever was started is stopped, the last one first. */
  private void onStop(Runnable stop) {
    synchronized (stops) {
      if (stopping) {
        stop.run();
      } else {
        stops.push(stop);
      }
    }
  }

  private void stop() {
    synchronized (stops) {
      stopping = true;
      stops.forEach(Runnable::run);
      stops.clear();
    }
  }
}
