package routes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import routes.Certificates;
import routes.sandbox.SandboxBroker;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** Every fault of the suite, in the order of its table. */
final class Faults {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration FULL = Duration.ofSeconds(5);
  private static final int DAY_AT_10_S = 8_640;

  private Faults() {}

  /**
   * @param seed of the random sequence
   */
  static List<Fault> all(long seed) {
    return List.of(
        // the line to the cloud
        new Fault("cloud refuses connections", "azure", Faults::refused),
        new Fault("cloud doesn't answer a SYN", "google", Faults::blackHoled),
        new Fault("cloud accepts TCP, then silence", "aws", Faults::halfOpen),
        new Fault(
            "connection cut between PUBLISH and PUBACK, 5 times",
            "google",
            Faults::cutBeforePuback),
        new Fault("PUBACKs withheld", "azure", Faults::noPuback),
        new Fault("link with 300 ms latency and 20 KB/s", "google", Faults::slow),
        new Fault("connection cut after every 20 KB", "azure", Faults::limited),
        // the cloud
        new Fault("cloud accepts 30 per second and discards the rest", "aws", Faults::throttled),
        new Fault("burst of 1500, cloud accepts 100 per second", "aws", Faults::burst),
        new Fault("certificate of another CA", "aws", Faults::otherCertificate),
        new Fault(
            "tokens valid for 5 s",
            "azure",
            Map.of("AZURE_TOKEN_LIFETIME", "5s"),
            Faults::shortTokens),
        new Fault("key revoked, then restored", "google", Faults::revoked),
        new Fault("second client with the same id, 3 times", "mqtt", Faults::evicted),
        new Fault("broker killed, its sessions lost", "mqtt", Faults::brokerKilled),
        new Fault("broker frozen for 30 s", "mqtt", Faults::brokerFrozen),
        new Fault("broker frozen for 60 s, 40 messages of 900 KB", "mqtt", Faults::frozenAndLarge),
        // the bus
        new Fault("nats-server killed with SIGKILL", "google", Faults::natsKilled),
        new Fault("nats-server frozen for 10 s", "azure", Faults::natsFrozen),
        new Fault(
            "disk full under the stream", "mqtt", Map.of("BUS_MAX_BYTES", "4MB"), Faults::diskFull),
        // the runtime
        new Fault("runtime killed with SIGKILL", "mqtt", Faults::killed),
        new Fault("runtime stopped with SIGTERM", "aws", Faults::terminated),
        new Fault("NATS and cloud unavailable at start", "azure", Faults::aloneAtStart),
        new Fault("route reloaded 20 times", "mqtt", Faults::reloaded),
        new Fault("clock an hour ahead", "google", rig -> clock(rig, HOUR)),
        new Fault("clock an hour behind", "azure", rig -> clock(rig, HOUR.negated())),
        new Fault("backlog of 24 h, cloud accepts 100 per second", "aws", Faults::backlog),
        new Fault("25 random faults, seed " + seed, "azure,aws,google,mqtt", new Storm(seed)));
  }

  private static void refused(Rig rig) {
    rig.link().down();
    rig.awaitState("unreachable");
    rig.fed(100);
    rig.link().heal();
  }

  private static void blackHoled(Rig rig) {
    rig.link().blackHole();
    rig.awaitState("unreachable");
    rig.fed(100);
    rig.link().heal();
  }

  private static void halfOpen(Rig rig) {
    rig.link().upstream().timeout();
    rig.link().downstream().timeout();
    rig.awaitState("unreachable");
    rig.fed(100);
    rig.link().heal();
  }

  private static void cutBeforePuback(Rig rig) {
    int cuts = 5;
    int every = 40;
    AtomicInteger arrived = new AtomicInteger();
    rig.broker(SandboxBroker.class)
        .listen(
            message -> {
              int now = arrived.incrementAndGet();
              if (now % every == 0 && now <= cuts * every) {
                rig.link().cut();
              }
            });
    Rig.until("cuts", () -> arrived.get() >= cuts * every);
  }

  private static void noPuback(Rig rig) {
    SandboxAzure azure = rig.broker(SandboxAzure.class);
    int before = azure.connects();
    azure.withholdPubacks(true);
    Rig.until("reconnected", () -> azure.connects() > before + 1);
    azure.withholdPubacks(false);
  }

  private static void slow(Rig rig) {
    rig.link().upstream().latency(Duration.ofMillis(150), Duration.ofMillis(50)).bandwidth(20_000);
    rig.link().downstream().latency(Duration.ofMillis(150), Duration.ofMillis(50));
    rig.fed(500);
    rig.link().heal();
  }

  private static void limited(Rig rig) {
    rig.link().upstream().limit(20_000);
    rig.link().cut();
    rig.fed(300);
    rig.link().heal();
  }

  private static void throttled(Rig rig) {
    SandboxAws aws = rig.broker(SandboxAws.class);
    aws.publishRate = 30;
    rig.link().cut();
    Rig.until("discarded", () -> aws.discarded.get() > 50);
    aws.publishRate = 100;
    rig.link().cut();
  }

  private static void burst(Rig rig) throws Exception {
    rig.feeder().burst(1_500);
    rig.landed(1_000);
    assertThat(rig.broker(SandboxAws.class).discarded)
        .as("discarded because of the rate limit")
        .hasValue(0);
  }

  private static void otherCertificate(Rig rig) throws Exception {
    int right = rig.broker(SandboxAws.class).port();
    Certificates other = new Certificates(Files.createDirectory(rig.folder.resolve("other-pem")));
    AtomicInteger arrived = new AtomicInteger();
    try (SandboxAws impostor = new SandboxAws(rig.folder.resolve("other"), other).start(0)) {
      impostor.listen(message -> arrived.incrementAndGet());
      rig.link().target(impostor.port());
      rig.link().cut();
      rig.unready();
      rig.fed(200);
      assertThat(arrived).as("messages at the wrong cloud").hasValue(0);
      rig.link().target(right);
      rig.link().cut();
    }
  }

  private static void shortTokens(Rig rig) {
    SandboxAzure azure = rig.broker(SandboxAzure.class);
    int before = azure.connects();
    Rig.until("4 renewals", () -> azure.connects() >= before + 4);
  }

  private static void revoked(Rig rig) {
    SandboxGoogle google = rig.broker(SandboxGoogle.class);
    google.register(Rig.DEVICE, Certificates.ec().getPublic());
    google.kick(SandboxGoogle.clientId(Rig.DEVICE), SandboxBroker.NOT_AUTHORIZED);
    rig.awaitState("refused");
    rig.fed(100);
    google.register(Rig.DEVICE);
  }

  private static void evicted(Rig rig) throws Exception {
    String url = ((MosquittoCloud) rig.cloud()).url();
    for (int i = 0; i < 3; i++) {
      long before = rig.status(rig.cloud()).path("reconnects").asLong();
      MqttClient second = new MqttClient(url, Rig.DEVICE, new MemoryPersistence());
      second.connect();
      Rig.until("reconnected", () -> rig.status(rig.cloud()).path("reconnects").asLong() > before);
      second.close(true);
    }
  }

  private static void brokerKilled(Rig rig) throws Exception {
    MosquittoCloud cloud = (MosquittoCloud) rig.cloud();
    cloud.mosquitto().kill();
    rig.link().down();
    rig.awaitState("unreachable");
    rig.fed(100);
    cloud.restart();
    rig.link().heal();
  }

  private static void brokerFrozen(Rig rig) {
    MosquittoCloud cloud = (MosquittoCloud) rig.cloud();
    cloud.mosquitto().freeze();
    Rig.lasts(Duration.ofSeconds(30));
    cloud.mosquitto().thaw();
  }

  private static void frozenAndLarge(Rig rig) throws Exception {
    MosquittoCloud cloud = (MosquittoCloud) rig.cloud();
    cloud.mosquitto().freeze();
    rig.feeder().burst(40, 900_000);
    Rig.lasts(Duration.ofSeconds(60));
    cloud.mosquitto().thaw();
  }

  private static void natsKilled(Rig rig) {
    rig.nats.kill();
    rig.unready();
    rig.nats.start();
  }

  private static void natsFrozen(Rig rig) {
    rig.nats.pause();
    Rig.lasts(Duration.ofSeconds(10));
    rig.nats.resume();
  }

  private static void diskFull(Rig rig) throws Exception {
    TinyDisk disk = TinyDisk.under(rig);
    rig.fed(100);
    disk.fill();
    Rig.until("nothing more fits", () -> rig.feeder().idle().compareTo(FULL) > 0);
    disk.free();
    // nats-server 2.9 hangs when its disk is full, and recovers when it is restarted
    rig.nats.kill();
    rig.nats.start();
  }

  private static void killed(Rig rig) throws Exception {
    rig.runtime().process().destroyForcibly().waitFor();
    rig.fed(100);
    rig.startRuntime();
  }

  private static void terminated(Rig rig) throws Exception {
    rig.runtime().process().destroy();
    assertThat(rig.runtime().awaitExit()).as("exit code").isZero();
    rig.fed(100);
    rig.startRuntime();
  }

  private static void aloneAtStart(Rig rig) throws Exception {
    rig.runtime().close();
    rig.nats.kill();
    rig.link().down();
    rig.startRuntime();
    rig.awaitState("unreachable");
    rig.nats.start();
    rig.fed(100);
    rig.link().heal();
  }

  private static void reloaded(Rig rig) throws Exception {
    Reloads reloads = Reloads.of(rig);
    for (int i = 0; i < 20; i++) {
      reloads.edit(i % 4 == 3 ? "on-error" : "gateway-mqtt", i);
      rig.fed(10);
    }
  }

  /** The clock is wrong while the gateway reconnects with a credential that contains a time. */
  private static void clock(Rig rig, Duration off) throws Exception {
    SteppedClock clock = SteppedClock.of(rig);
    rig.fed(50);
    clock.step(off);
    Rig.lasts(Duration.ofSeconds(2));
    rig.landed(50);
    rig.link().cut();
    rig.fed(100);
    clock.step(Duration.ZERO);
  }

  private static void backlog(Rig rig) throws Exception {
    rig.link().down();
    rig.awaitState("unreachable");
    rig.feeder().burst(DAY_AT_10_S);
    rig.link().heal();
  }
}
