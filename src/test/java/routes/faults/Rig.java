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

/** One system under test: NATS, clouds behind their proxies, the runtime, and what feeds it. */
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
   * @param nats not yet open
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
    nats.open(); // last: a cloud that can't be had has the test skipped
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

  /** The line to the first cloud. */
  FaultProxy link() {
    return cloud().link();
  }

  /** Of the runtime that starts next. */
  void set(String name, Object value) {
    settings.put(name, value.toString());
  }

  /** Done before NATS ends. */
  void onClose(Runnable task) {
    ends.add(task);
  }

  /** Starts the jar, with the flags that it is shipped with. */
  RuntimeProcess startRuntime() throws IOException {
    RuntimeProcess started = RuntimeProcess.startJar(settings);
    runtimes.add(started);
    return started;
  }

  RuntimeProcess runtime() {
    return runtimes.get(runtimes.size() - 1);
  }

  /** How many runtimes there have been. */
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

  /** Until JetStream has acknowledged so many more samples. */
  void fed(int more) {
    int goal = feeder.count() + more;
    until(more + " more samples on the bus", () -> feeder.count() >= goal);
  }

  /** Until so many more have landed in every cloud. */
  void landed(int more) {
    for (Cloud cloud : clouds) {
      int goal = cloud.landings().count() + more;
      until(more + " more in " + cloud.gateway(), () -> cloud.landings().count() >= goal);
    }
  }

  /** Until the runtime tells this state of the first cloud's gateway. */
  void told(String state) {
    told(cloud(), state);
  }

  void told(Cloud cloud, String state) {
    until("told as " + state, () -> status(cloud).path("state").asText().equals(state));
  }

  /** What /api/gateways says of a cloud's gateway. */
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

  /** Until JetStream has no sample that this cloud's gateway has not acknowledged. */
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
   * A broker's subscriber may lag behind what the broker has acknowledged; what is lost never
   * comes.
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

  /** The fault itself lasts so long. */
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

  /** What the runtimes and NATS have said, for whoever looks for a cause. */
  void writeLog(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, String.join("\n", output()) + "\n\n" + nats.log());
  }

  /** What the suite has started doesn't outlive it, however it ends. */
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
