package routes.sandbox;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What {@code ./run} starts: NATS, the stand-ins, and the runtime with its gateways pointed at
 * them. Prints where everything is, then one line per message that arrives.
 */
public final class Sandbox {
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final Path DIRECTORY = Path.of("target/sandbox");

  private final Map<String, String> environment = System.getenv();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Deque<Runnable> stops = new ArrayDeque<>();
  private FileChannel alone;
  private volatile boolean stopping;

  private Sandbox() {}

  /**
   * @param args the path of a nats-server
   */
  public static void main(String... args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Sandbox sandbox = new Sandbox();
    Runtime.getRuntime().addShutdownHook(new Thread(sandbox::stop, "sandbox-stop"));
    int code = 1;
    try {
      code = sandbox.run(args[0]);
    } catch (Exception | LinkageError e) { // which would leave NATS and the clouds running
      System.err.println("./run: " + (e instanceof IllegalStateException ? e.getMessage() : e));
    }
    System.exit(code);
  }

  /** Runs until the runtime ends, and returns its exit code. */
  private int run(String natsServer) throws Exception {
    Files.createDirectories(DIRECTORY);
    alone = FileChannel.open(DIRECTORY.resolve("lock"), CREATE, WRITE);
    if (alone.tryLock() == null) {
      throw new IllegalStateException("another ./run uses " + DIRECTORY + ": stop it first");
    }
    System.out.println("cloud-iot-routes, until Ctrl-C");
    if (given("NATS_SERVERS")) {
      settings.put("NATS_SERVERS", environment.get("NATS_SERVERS"));
      say("NATS", settings.get("NATS_SERVERS"), "yours");
    } else {
      startNats(natsServer);
    }
    List<String> commanding = List.of();
    if (given("GATEWAYS")) {
      String gateways = environment.get("GATEWAYS");
      boolean none = gateways.isBlank();
      say(
          "gateways",
          none ? "none" : gateways,
          none ? "telemetry stays on the bus" : "with the settings of the environment");
    } else {
      SandboxClouds clouds =
          new SandboxClouds(DIRECTORY, environment.getOrDefault("DEVICE_ID", "edge-1"));
      onStop(clouds::close);
      settings.putAll(clouds.settings());
      commanding = clouds.commanding();
    }
    String port =
        given("HTTP_PORT") ? environment.get("HTTP_PORT") : String.valueOf(Ports.freeOr(8080));
    settings.put("HTTP_PORT", port);
    settings.put("HTTP_URL", "http://127.0.0.1:" + port);
    settings.put("DATA_DIRECTORY", DIRECTORY.resolve("data").toString());
    settings.put("COLLECT_PERIOD", environment.getOrDefault("COLLECT_PERIOD", "2s"));
    say("runtime", settings.get("HTTP_URL"), "/metrics /health /api/sample /api/gateways");
    say("settings", writeEnvironment().toString(), "the addresses above, and more");
    say("routes", "routes-yaml/", "edit a file: it takes effect at once");
    if (!commanding.isEmpty()) {
      String first = commanding.get(0);
      String others = String.join(", ", commanding.subList(1, commanding.size()));
      say("commands", "./run command " + first + " ping", "or " + others + "; in another terminal");
      say(
          "",
          "./run desired " + first + " '{\"fan\":1}'",
          "arrives on NATS subject desired.<device>");
    }
    Process runtime = startRuntime();
    if (given("GATEWAYS")) {
      new DeliveryLines(settings.get("HTTP_URL")).printWhile(runtime);
    }
    int code = runtime.waitFor();
    if (!stopping) {
      System.out.println("./run: the runtime has ended, with exit code " + code);
    }
    return code;
  }

  private boolean given(String name) {
    return environment.containsKey(name);
  }

  static void say(String what, String where, String more) {
    System.out.printf("  %-9s %-28s %s%n", what, where, more);
  }

  private void startNats(String natsServer) throws IOException {
    int port = Ports.freeOr(4222);
    Path data = DIRECTORY.resolve("nats");
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      // In a session of its own: Ctrl-C is for the runtime first, which still needs NATS then.
      command.add(SETSID.toString());
    }
    command.addAll(List.of(natsServer, "-a", "127.0.0.1"));
    command.addAll(List.of("-p", "" + port, "-js", "-sd", data.toString()));
    Process nats =
        start(new ProcessBuilder(command).redirectOutput(DIRECTORY.resolve("nats.log").toFile()));
    nats.onExit().thenAccept(this::natsEnded);
    settings.put("NATS_SERVERS", "nats://127.0.0.1:" + port);
    say("NATS", settings.get("NATS_SERVERS"), "data in " + data);
  }

  private void natsEnded(Process nats) {
    if (!stopping) {
      System.out.println(
          "./run: nats-server has ended, with exit code "
              + nats.exitValue()
              + ": telemetry waits; stop this and start it again (its log is "
              + DIRECTORY.resolve("nats.log")
              + ")");
    }
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
