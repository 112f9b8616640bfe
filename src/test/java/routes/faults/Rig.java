package routes.faults;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.ConsumerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import routes.NatsServer;
import routes.sandbox.FaultProxy;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxClouds;

/**
 * One system under test: NATS, clouds behind their proxies, the runtime, and the feeder of samples.
 */
final class Rig implements AutoCloseable {
  static final String DEVICE = "edge-1";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration LAG = Duration.ofSeconds(30);
  private static final Duration DRAIN = Duration.ofMinutes(4);
  private static final ObjectMapper JSON = new ObjectMapper();

  final NatsServer nats;
  final List<Cloud> clouds = new CopyOnWriteArrayList<>();
  final Path folder;
  private final Map<String, String> settings = new HashMap<>();
  private final List<RuntimeProcess> runtimes = new CopyOnWriteArrayList<>();
  private final List<Runnable> ends = new CopyOnWriteArrayList<>();
  private final Thread abandoned = new Thread(this::kill);
  private Feeder feeder;

  /**
   * @param nats not yet started
   */
  Rig(NatsServer nats, List<String> gateways, Map<String, String> more) throws Exception {
    this.nats = nats;
    folder = Files.createTempDirectory("faults-");
    Runtime.getRuntime().addShutdownHook(abandoned);
    for (String gateway : gateways) {
      Cloud cloud = Cloud.of(gateway, folder);
      clouds.add(cloud);
      settings.putAll(cloud.settings());
      settings.put(gateway.toUpperCase() + "_PUBLISH_TIMEOUT", "3s");
    }
    nats.open(); // last, because an unavailable cloud skips the test
    settings.put("GATEWAYS", String.join(",", gateways));
    settings.put("DEVICE_ID", DEVICE);
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "2s");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.putAll(more);
  }

  /** The first cloud. */
  Cloud cloud() {
    return clouds.get(0);
  }

  /** The first cloud's broker, if it is a stand-in of this class. */
  <B extends SandboxBroker> B broker(Class<B> type) {
    return type.cast(((StandIn) cloud()).broker());
  }

  /** The network line to the first cloud. */
  FaultProxy link() {
    return cloud().link();
  }

  /** Settings of the runtime that starts next. */
  void set(String name, Object value) {
    settings.put(name, value.toString());
  }

  /** Runs before NATS stops. */
  void onClose(Runnable task) {
    ends.add(task);
  }

  /** Starts the jar with its shipped flags. */
  RuntimeProcess startRuntime() throws IOException {
    RuntimeProcess started = RuntimeProcess.startJar(settings);
    runtimes.add(started);
    return started;
  }

  RuntimeProcess runtime() {
    return runtimes.get(runtimes.size() - 1);
  }

  /** Number of runtimes started so far. */
  int starts() {
    return runtimes.size();
  }

  void awaitReady() {
    until("ready", () -> runtime().get("/health/ready").status() == 200);
  }

  void feed() {
    feeder = new Feeder(nats.url(), DEVICE);
    feeder.start();
  }

  Feeder feeder() {
    return feeder;
  }

  /** Waits until JetStream has acknowledged this many further samples. */
  void fed(int more) {
    int goal = feeder.count() + more;
    until(more + " more samples on the bus", () -> feeder.count() >= goal);
  }

  /** Waits until this many further samples have arrived in every cloud. */
  void landed(int more) {
    for (Cloud cloud : clouds) {
      int goal = cloud.landings().count() + more;
      until(more + " more in " + cloud.gateway(), () -> cloud.landings().count() >= goal);
    }
  }

  /** Waits until the runtime reports this state of the first cloud's gateway. */
  void awaitState(String state) {
    awaitState(cloud(), state);
  }

  void awaitState(Cloud cloud, String state) {
    until("reported as " + state, () -> status(cloud).path("state").asText().equals(state));
  }

  /** What /api/gateways reports about a cloud's gateway. */
  JsonNode status(Cloud cloud) throws Exception {
    RuntimeProcess.Answer answer = runtime().get("/api/gateways");
    if (answer.status() == 200) {
      for (JsonNode gateway : JSON.readTree(answer.body())) {
        if (gateway.path("gateway").asText().equals("gateway-" + cloud.gateway())) {
          return gateway;
        }
      }
    }
    return JSON.missingNode();
  }

  /** Waits until this cloud's gateway has acknowledged every sample in JetStream. */
  void drained(Cloud cloud) throws IOException {
    JetStreamManagement streams = nats.connection().jetStreamManagement();
    until(
        "drained",
        DRAIN,
        () -> {
          ConsumerInfo now =
              streams.getConsumerInfo("TELEMETRY", "gateway-" + cloud.gateway() + "_" + DEVICE);
          return now.getNumPending() + now.getNumAckPending() == 0;
        });
  }

  /**
   * A broker's subscriber may receive messages later than the broker acknowledges them. Lost
   * messages never arrive.
   */
  void arrived(Cloud cloud) throws InterruptedException {
    BitSet expected = feeder.acknowledged();
    long end = System.nanoTime() + LAG.toNanos();
    while (System.nanoTime() < end) {
      BitSet missing = (BitSet) expected.clone();
      missing.andNot(cloud.landings().numbers());
      if (missing.isEmpty()) {
        return;
      }
      Thread.sleep(50);
    }
  }

  void unready() {
    until("not ready", () -> runtime().get("/health/ready").status() != 200);
  }

  /** Waits while the fault lasts. */
  static void lasts(Duration time) {
    await().pollDelay(time).atMost(time.plus(PATIENCE)).until(() -> true);
  }

  static void until(String what, Callable<Boolean> condition) {
    until(what, PATIENCE, condition);
  }

  static void until(String what, Duration patience, Callable<Boolean> condition) {
    await(what).atMost(patience).pollInterval(Duration.ofMillis(50)).until(condition);
  }

  /** Every line that the runtime has printed. */
  List<String> output() {
    return runtimes.stream().flatMap(runtime -> runtime.output().stream()).toList();
  }

  /** Writes the logs of the runtimes and of NATS, for the analysis of a failure. */
  void writeLog(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, String.join("\n", output()) + "\n\n" + nats.log());
  }

  /** Stops everything that the suite has started, however the suite ends. */
  private void kill() {
    runtimes.forEach(runtime -> runtime.process().destroyForcibly());
    clouds.forEach(Cloud::close);
    ends.forEach(Runnable::run);
  }

  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(abandoned);
    if (feeder != null) {
      feeder.close();
    }
    runtimes.forEach(RuntimeProcess::close);
    clouds.forEach(Cloud::close);
    ends.forEach(Runnable::run);
    nats.close();
    SandboxClouds.delete(folder);
  }
}
