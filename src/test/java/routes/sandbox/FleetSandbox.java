package routes.sandbox;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Started by {@code fleet/run}: runs a hub of three nats-servers with two leaf nodes, a runtime on
 * each leaf node and on the hub, and a broker. Prints one line per message that arrives there.
 */
public final class FleetSandbox {
  private static final Path DIRECTORY = Path.of("target/fleet");
  private static final String GATEWAY = "mqtt-hub";

  private final Map<String, String> environment = System.getenv();
  private final Stops stops = new Stops();
  private FileChannel alone;

  private FleetSandbox() {}

  /**
   * @param args the path of the nats-server binary
   */
  public static void main(String... args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    FleetSandbox sandbox = new FleetSandbox();
    Runtime.getRuntime().addShutdownHook(new Thread(sandbox.stops::stop, "fleet-stop"));
    int code = 1;
    try {
      code = sandbox.run(args[0]);
    } catch (Exception | LinkageError e) { // otherwise the servers would keep running
      System.err.println("fleet/run: " + (e instanceof IllegalStateException ? e.getMessage() : e));
    }
    System.exit(code);
  }

  /** Runs until the hub's runtime ends, and returns its exit code. */
  private int run(String natsServer) throws Exception {
    Files.createDirectories(DIRECTORY);
    alone = FileChannel.open(DIRECTORY.resolve("lock"), CREATE, WRITE);
    if (alone.tryLock() == null) {
      throw new IllegalStateException(
          "another fleet/run is using " + DIRECTORY + "; stop it first");
    }
    System.out.println("a hub with two leaf nodes; Ctrl-C stops it");
    Fleet fleet = new Fleet(natsServer, DIRECTORY.resolve("nats").toAbsolutePath(), Ports::freeOr);
    stops.add(fleet::end);
    fleet.start();
    Sandbox.say("hub", fleet.addresses(Fleet.HUB), "fleet/hub.conf");
    String broker = broker();
    Files.writeString(DIRECTORY.resolve("env"), "NATS_SERVERS=" + fleet.hub("admin") + "\n");
    for (int i = 0; i < Fleet.LEAVES.size(); i++) {
      String leaf = Fleet.LEAVES.get(i);
      String device = "edge-" + (i + 1);
      Map<String, String> settings = new HashMap<>();
      settings.put("DEVICE_ID", device);
      settings.put("NATS_SERVERS", fleet.leaf(leaf));
      settings.put("GATEWAYS", "none"); // the hub forwards
      settings.put("COLLECT_PERIOD", environment.getOrDefault("COLLECT_PERIOD", "2s"));
      Path log = DIRECTORY.resolve(device + ".log");
      start(device, settings, 8081 + i, Redirect.to(log.toFile()));
      Sandbox.say(leaf, fleet.addresses(List.of(leaf)), device + "; log in " + log);
      add(fleet, leaf);
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "hub");
    settings.put("NATS_SERVERS", fleet.hub("routes"));
    settings.put("BUS_REPLICAS", "3");
    settings.put("GATEWAYS", GATEWAY);
    settings.put("MQTT_HUB_URL", broker);
    settings.put("ROUTES_DIRECTORY", fleet.hubRoutes().toString());
    int code = start("hub", settings, 8080, Redirect.INHERIT).waitFor();
    if (!stops.stopping()) {
      System.out.println("fleet/run: the hub's runtime stopped with exit code " + code);
    }
    return code;
  }

  /** The address of the broker: the user's, or one that is started. */
  private String broker() throws IOException {
    String given = environment.get("MQTT_HUB_URL");
    if (given != null) {
      Sandbox.say("broker", given, "your own");
      return given;
    }
    Path landed = DIRECTORY.resolve("mqtt");
    SandboxMqtt broker = new SandboxMqtt(landed);
    stops.add(broker::close);
    broker.listen(new SampleLines(GATEWAY));
    broker.start(Ports.freeOr(broker.usualPort()));
    Sandbox.say("broker", broker.url(), "messages in " + landed);
    return broker.url();
  }

  private static void add(Fleet fleet, String leaf) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(java("leaf", "add", leaf)).inheritIO();
    builder.environment().put("NATS_SERVERS", fleet.hub("admin"));
    builder.environment().put("BUS_REPLICAS", "3");
    if (builder.start().waitFor() != 0) {
      throw new IllegalStateException(leaf + " cannot be added to the hub");
    }
  }

  private Process start(String device, Map<String, String> settings, int port, Redirect log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(java());
    builder.environment().putAll(settings);
    String http = String.valueOf(Ports.freeOr(port));
    builder.environment().put("HTTP_PORT", http);
    Path data = DIRECTORY.resolve("data-" + device).toAbsolutePath();
    builder.environment().put("DATA_DIRECTORY", data.toString());
    if (log == Redirect.INHERIT) {
      Sandbox.say("runtime", "http://127.0.0.1:" + http, "of the hub: /metrics /api/gateways");
    }
    return stops.start(builder.redirectOutput(log));
  }

  private static List<String> java(String... words) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("@jvm.options", "-jar", "target/cloud-iot-routes.jar"));
    command.addAll(List.of(words));
    return command;
  }
}
