package routes.sandbox;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import routes.settings.AtomicFile;

/**
 * Started by {@code ./run}: runs NATS, the stand-in clouds, and the runtime with gateways that
 * connect to them. Prints their addresses, then one line per message that arrives.
 */
public final class Sandbox {
  private static final Path DIRECTORY = Path.of("target/sandbox");

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Map<String, String> environment = System.getenv();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Stops stops = new Stops();
  private FileChannel alone;
  private SandboxNats nats;

  private Sandbox() {}

  /**
   * @param args the path of the nats-server binary
   */
  public static void main(String... args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Sandbox sandbox = new Sandbox();
    Runtime.getRuntime().addShutdownHook(new Thread(sandbox.stops::stop, "sandbox-stop"));
    int code = 1;
    try {
      code = sandbox.run(args[0]);
    } catch (Exception | LinkageError e) { // otherwise NATS and the clouds would keep running
      System.err.println("./run: " + (e instanceof IllegalStateException ? e.getMessage() : e));
    }
    System.exit(code);
  }

  /** Runs until the runtime ends, and returns its exit code. */
  private int run(String natsServer) throws Exception {
    Files.createDirectories(DIRECTORY);
    alone = FileChannel.open(DIRECTORY.resolve("lock"), CREATE, WRITE);
    if (alone.tryLock() == null) {
      throw new IllegalStateException("another ./run is using " + DIRECTORY + "; stop it first");
    }
    System.out.println("cloud-iot-routes; Ctrl-C stops it");
    if (given("NATS_SERVERS")) {
      settings.put("NATS_SERVERS", environment.get("NATS_SERVERS"));
      say("NATS", settings.get("NATS_SERVERS"), "your own");
    } else {
      startNats(natsServer);
    }
    List<String> commanding = List.of();
    if (given("GATEWAYS")) {
      String gateways = environment.get("GATEWAYS");
      boolean none = gateways.isBlank() || gateways.strip().equals("none");
      say(
          "gateways",
          none ? "none" : gateways,
          none ? "telemetry stays on the bus" : "configured by the environment");
    } else {
      SandboxClouds clouds =
          new SandboxClouds(DIRECTORY, environment.getOrDefault("DEVICE_ID", "edge-1"));
      stops.add(clouds::close);
      clouds.stage(settings.get("NATS_SERVERS"), nats);
      settings.putAll(clouds.settings());
      commanding = clouds.names();
    }
    String port =
        given("HTTP_PORT") ? environment.get("HTTP_PORT") : String.valueOf(Ports.freeOr(8080));
    settings.put("HTTP_PORT", port);
    settings.put("HTTP_URL", "http://127.0.0.1:" + port);
    settings.put("DATA_DIRECTORY", DIRECTORY.resolve("data").toAbsolutePath().toString());
    settings.put("COLLECT_PERIOD", environment.getOrDefault("COLLECT_PERIOD", "2s"));
    say("runtime", settings.get("HTTP_URL"), "/metrics /health /api/sample /api/gateways");
    say("settings", writeEnvironment().toString(), "the runtime's environment variables");
    say("routes", "routes-yaml/", "edits take effect immediately");
    if (!commanding.isEmpty()) {
      String first = commanding.get(0);
      String others = String.join(", ", commanding.subList(1, commanding.size()));
      say(
          "commands",
          "./run command " + first + " ping",
          "or " + others + "; run it in another terminal");
      say(
          "",
          "./run desired " + first + " '{\"fan\":1}'",
          "arrives on the NATS subject desired.<device>");
      say("outages", "./run cut " + first + " 30s", "or ./run kill nats; counts what arrives");
    }
    Process runtime = startRuntime();
    if (given("GATEWAYS")) {
      new DeliveryLines(settings.get("HTTP_URL")).printWhile(runtime);
    }
    int code = runtime.waitFor();
    if (!stops.stopping()) {
      System.out.println("./run: the runtime stopped with exit code " + code);
    }
    return code;
  }

  private boolean given(String name) {
    return environment.containsKey(name);
  }

  static void say(String what, String where, String more) {
    System.out.printf("  %-9s %-28s %s%n", what, where, more);
  }

  private void startNats(String natsServer) {
    nats = new SandboxNats(natsServer, DIRECTORY);
    nats.start();
    stops.add(nats::close);
    settings.put("NATS_SERVERS", nats.url());
    say("NATS", settings.get("NATS_SERVERS"), "data in " + DIRECTORY.resolve("nats"));
  }

  private Path writeEnvironment() throws IOException {
    StringBuilder lines = new StringBuilder();
    Map<String, String> all = new LinkedHashMap<>(GivenSettings.of(environment));
    all.putAll(settings);
    all.forEach((key, value) -> lines.append(key).append('=').append(value).append('\n'));
    Path file = DIRECTORY.resolve("env");
    AtomicFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8), OWNER_ONLY);
    return file;
  }

  private Process startRuntime() throws IOException {
    String java = System.getProperty("java.home") + "/bin/java";
    ProcessBuilder builder =
        new ProcessBuilder(java, "@jvm.options", "-jar", "target/cloud-iot-routes.jar");
    builder.environment().putAll(settings);
    return stops.start(builder.redirectOutput(Redirect.INHERIT));
  }
}
