package routes.sandbox.fleet;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import routes.Certificates;
import routes.LightFleet;
import routes.sandbox.Ports;
import routes.sandbox.SandboxClouds;
import routes.sandbox.SandboxNats;
import routes.sandbox.Stops;
import routes.settings.KnownSettings;

/**
 * Started by {@code ./run fleet}: rolls out a bundle to many devices in this process, which fails
 * on some of them, then makes all clouds unavailable for a moment.
 */
public final class FleetRun {
  private static final Path DIRECTORY = Path.of("target/sandbox/fleet");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration OUTAGE = Duration.ofSeconds(5);
  private static final String PROBATION = "10s";

  private static final List<String> ROUTES =
      List.of(
          "collect-inventory",
          "collect-metrics",
          "gateway-%s",
          "gateway-%s-inventory",
          "commands-%s",
          "on-error");

  /** One device in ten is broken. */
  private static final int TENTH = 10;

  private final PrintStream out = System.out;
  private final Stops stops = new Stops();
  private final int count;
  private FileChannel alone;

  private FleetRun(int count) {
    this.count = count;
  }

  /**
   * @param args the path of the nats-server binary, and the number of devices
   */
  public static void main(String... args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    LightFleet.prepareProcess();
    FleetRun run = new FleetRun(Integer.parseInt(args[1]));
    LightFleet.onSignal(
        () -> {
          run.stops.stop();
          Runtime.getRuntime().halt(130);
        });
    int code = 1;
    try {
      code = run.run(args[0]) ? 0 : 1;
    } catch (Exception | LinkageError e) {
      run.out.println("./run fleet: " + (e instanceof IllegalStateException ? e.getMessage() : e));
      e.printStackTrace(); // in the log
    } finally {
      run.stops.stop();
    }
    System.exit(code);
  }

  /** Whether everything happened as intended. */
  private boolean run(String natsServer) throws Exception {
    Files.createDirectories(DIRECTORY.getParent());
    alone = FileChannel.open(DIRECTORY.resolveSibling("fleet.lock"), CREATE, WRITE);
    if (alone.tryLock() == null) {
      throw new IllegalStateException("another ./run fleet is using " + DIRECTORY);
    }
    SandboxClouds.delete(DIRECTORY);
    Path folder = Files.createDirectories(DIRECTORY.resolve("certificates")).toAbsolutePath();
    Certificates certificates = new Certificates(folder);
    PrintStream log = new PrintStream(Files.newOutputStream(DIRECTORY.resolve("log")), true);
    System.setOut(log);
    System.setErr(log);
    SandboxNats nats = new SandboxNats(natsServer, DIRECTORY);
    nats.start();
    stops.add(nats::close);
    FleetSamples samples = new FleetSamples();
    FleetClouds clouds = new FleetClouds(DIRECTORY, certificates, samples);
    stops.add(clouds::close);
    PlantBundle bundle =
        new PlantBundle(Files.createDirectories(DIRECTORY.resolve("bundles")), certificates);
    stops.add(bundle::close);
    for (String cloud : FleetClouds.NAMES) {
      copyRoutes(cloud);
    }
    List<FleetMember> members = members(clouds);
    long broken = members.stream().filter(FleetMember::broken).count();
    out.printf("a fleet of %d light devices in one process; Ctrl-C stops it%n", count);
    out.printf("  clouds    %s, in turn%n", String.join(", ", FleetClouds.NAMES));
    out.printf("  broken    %d, whose sensor sends \"21.5 C\" instead of \"21.5\"%n", broken);
    out.printf("  probation %s%n", PROBATION);
    out.printf("  log       %s%n", DIRECTORY.resolve("log"));
    FleetConnections connections = new FleetConnections(clouds, count, out);
    CompletableFuture<Void> start = start(settings(members, nats.url(), bundle));
    start.exceptionally(
        failure -> {
          connections.abandon();
          return null;
        });
    if (!connections.await("connected", PATIENCE)) {
      return false;
    }
    start.join();
    PlantSensors sensors = new PlantSensors(nats.url(), members);
    stops.add(sensors::close);
    out.println("version 1 forwards what the sensor sends");
    boolean good = new FleetRollout(members, 1, false, out).run(bundle.offer(1), PATIENCE);
    out.println("version 2 needs a number from the sensor");
    good &= new FleetRollout(members, 2, true, out).run(bundle.offer(2), PATIENCE);
    out.printf("all clouds are unavailable for %d s%n", OUTAGE.toSeconds());
    connections.cut(OUTAGE);
    good &= connections.await("connected again", PATIENCE);
    good &= samples.report(nats.url(), out);
    reportMemory();
    return good;
  }

  private CompletableFuture<Void> start(List<Map<String, String>> settings) {
    LightFleet devices = new LightFleet();
    stops.add(devices::close);
    return CompletableFuture.runAsync(
        () -> {
          try {
            devices.start(settings);
          } catch (Exception e) {
            out.println("a device did not start: " + e.getMessage());
            throw new CompletionException(e);
          }
        });
  }

  /** The largest amount of memory so far (proc(5), VmHWM). */
  private void reportMemory() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          long megabytes = Long.parseLong(line.replaceAll("\\D", "")) / 1024;
          out.printf("peak memory of devices and stand-ins: %d MB%n", megabytes);
        }
      }
    }
  }

  /** The route files that a light device needs. */
  private static void copyRoutes(String cloud) throws IOException {
    Path folder = Files.createDirectories(DIRECTORY.resolve("routes-" + cloud));
    for (String name : ROUTES) {
      Path file = Path.of("routes-yaml", name.formatted(cloud) + ".camel.yaml");
      Files.copy(file, folder.resolve(file.getFileName()));
    }
  }

  private List<FleetMember> members(FleetClouds clouds) {
    List<FleetMember> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean broken = i % TENTH == i / TENTH % TENTH; // on each cloud
      members.add(new FleetMember("edge-%03d".formatted(i + 1), clouds.get(i), broken));
    }
    return members;
  }

  private static List<Map<String, String>> settings(
      List<FleetMember> members, String nats, PlantBundle bundle) {
    List<Map<String, String>> all = new ArrayList<>();
    for (FleetMember member : members) {
      String cloud = member.cloud().name();
      Map<String, String> settings = new HashMap<>(bundle.settings());
      member
          .cloud()
          .admit(member.device())
          .forEach((name, value) -> settings.put(key(name), value));
      settings.put("device.id", member.device());
      settings.put("gateways", cloud);
      settings.put("nats.servers", nats);
      settings.put("http.port", "" + Ports.free());
      settings.put("routes.probation", PROBATION);
      settings.put("routes.directory", DIRECTORY.resolve("routes-" + cloud).toString());
      settings.put(
          "data.directory",
          DIRECTORY.resolve("data").resolve(member.device()).toAbsolutePath().toString());
      all.add(settings);
    }
    return all;
  }

  /** The setting of an environment variable. */
  private static String key(String variable) {
    return KnownSettings.keys().stream()
        .filter(key -> key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_").equals(variable))
        .findFirst()
        .orElseThrow();
  }
}
