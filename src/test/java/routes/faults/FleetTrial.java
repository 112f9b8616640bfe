package routes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.Replica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import routes.NatsServer;
import routes.sandbox.Fleet;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxClouds;

/**
 * Two devices publish on two leaf nodes, and the runtime forwards from a hub of three servers. Each
 * link is cut, the leader of the hub's stream is killed, another server loses its store, and the
 * leader is killed again.
 */
final class FleetTrial {
  static final Fault FAULT =
      new Fault(
          "hub of 3 with 2 leaf nodes: links cut, leader killed twice, a store wiped",
          "mqtt-hub",
          rig -> {
            throw new UnsupportedOperationException("has servers of its own");
          });

  private static final int WARM_UP = 100;
  private static final Duration CUT = Duration.ofSeconds(3);
  private static final Duration AWAY = Duration.ofSeconds(3);

  private final Fault fault;
  private final Table table;
  private final Path folder;
  private final List<Feeder> feeders = new ArrayList<>();

  FleetTrial(Fault fault, Table table) throws Exception {
    this.fault = fault;
    this.table = table;
    this.folder = Files.createTempDirectory("fleet-");
  }

  /** Adds the row to the table, then asserts that nothing is lost. */
  void run() throws Exception {
    try (MosquittoCloud cloud = new MosquittoCloud(fault.gateway());
        Fleet fleet = Fleet.behindProxies(NatsServer.binary(), folder.resolve("nats")).start()) {
      for (int i = 0; i < Fleet.LEAVES.size(); i++) {
        String leaf = Fleet.LEAVES.get(i);
        fleet.createTelemetry(leaf);
        fleet.collect(leaf);
        feeders.add(new Feeder(fleet.leaf(leaf), "edge-" + (i + 1), i, Fleet.LEAVES.size()));
      }
      RuntimeProcess runtime = RuntimeProcess.startJar(settings(fleet, cloud));
      try {
        run(fleet, cloud, runtime);
      } finally {
        writeLog(fleet, runtime);
        feeders.forEach(Feeder::close);
        runtime.close();
      }
    } finally {
      SandboxClouds.delete(folder);
    }
  }

  private Map<String, String> settings(Fleet fleet, Cloud cloud) throws Exception {
    Map<String, String> settings = new HashMap<>(cloud.settings());
    settings.put("DEVICE_ID", "hub");
    settings.put("GATEWAYS", cloud.gateway());
    settings.put("NATS_SERVERS", fleet.hub("routes"));
    settings.put("BUS_REPLICAS", "3");
    settings.put("ROUTES_DIRECTORY", fleet.hubRoutes().toString());
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "2s");
    return settings;
  }

  private void run(Fleet fleet, MosquittoCloud cloud, RuntimeProcess runtime) throws Exception {
    Rig.until("ready", () -> runtime.get("/health/ready").status() == 200);
    feeders.forEach(Feeder::start);
    landed(cloud, WARM_UP);
    Vitals before = Vitals.before(runtime);
    Trial.say(fault, "started");
    strike(fleet, cloud);
    Trial.say(fault, "over");
    cloud.landings().lifted();
    landed(cloud, 1);
    Rig.lasts(Duration.ofSeconds(1));
    for (Feeder feeder : feeders) {
      feeder.stop();
    }
    BitSet acknowledged = acknowledged();
    awaitAll(acknowledged, cloud);
    Row row =
        new Row(
            fault.name(),
            cloud.gateway(),
            acknowledged,
            cloud.kept().numbers(),
            cloud.kept().duplicates(),
            cloud.landings().reordered(),
            cloud.landings().recovery(),
            cloud.landings().drain(),
            before,
            Vitals.settled(runtime, before));
    table.add(fault, List.of(row));
    Trial.say(fault, acknowledged.cardinality() + " samples published, lost " + row.lost());
    assertThat(row.lost())
        .as("acknowledged by a leaf node, not in the cloud")
        .isEqualTo(new BitSet());
    assertThat(row.after().near(before)).as("%s before, %s after", before, row.after()).isTrue();
    assertThat(runtime.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
  }

  private void strike(Fleet fleet, Cloud cloud) throws Exception {
    for (String leaf : Fleet.LEAVES) {
      fleet.cut(leaf);
      Rig.lasts(CUT);
      fleet.heal(leaf);
    }
    String first = killLeader(fleet, cloud);
    String wiped = Fleet.HUB.stream().filter(name -> !name.equals(first)).findFirst().orElseThrow();
    Trial.say(fault, wiped + " loses its store");
    fleet.kill(wiped);
    fleet.wipe(wiped);
    fleet.start(wiped);
    awaitCurrent(fleet);
    killLeader(fleet, cloud);
  }

  /** Kills the server that leads the hub's stream, for a while, and returns its name. */
  private String killLeader(Fleet fleet, Cloud cloud) throws Exception {
    String leader = cluster(fleet).getLeader();
    Trial.say(fault, leader + " is the leader and is killed");
    fleet.kill(leader);
    landed(cloud, 1);
    Rig.lasts(AWAY);
    fleet.start(leader);
    awaitCurrent(fleet);
    return leader;
  }

  private static ClusterInfo cluster(Fleet fleet) throws Exception {
    return fleet.admin().jetStreamManagement().getStreamInfo("TELEMETRY").getClusterInfo();
  }

  /** Waits until each server has all of the hub's stream. */
  private static void awaitCurrent(Fleet fleet) {
    Rig.until(
        "each replica is current",
        () -> {
          try {
            ClusterInfo now = cluster(fleet);
            return now.getLeader() != null
                && now.getReplicas().size() == Fleet.HUB.size() - 1
                && now.getReplicas().stream().allMatch(Replica::isCurrent);
          } catch (IOException | JetStreamApiException e) {
            return false; // an election
          }
        });
  }

  private static void landed(Cloud cloud, int more) {
    int goal = cloud.landings().count() + more;
    Rig.until(more + " more in the cloud", () -> cloud.landings().count() >= goal);
  }

  private BitSet acknowledged() {
    BitSet all = new BitSet();
    feeders.forEach(feeder -> all.or(feeder.acknowledged()));
    return all;
  }

  /** Waits for what is still on its way. Lost samples never arrive. */
  private static void awaitAll(BitSet expected, Cloud cloud) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    BitSet missing = expected;
    while (!missing.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(50);
      missing = (BitSet) expected.clone();
      missing.andNot(cloud.landings().numbers());
    }
  }

  private void writeLog(Fleet fleet, RuntimeProcess runtime) throws Exception {
    Files.createDirectories(FaultSuite.FOLDER);
    StringBuilder log = new StringBuilder(String.join("\n", runtime.output()));
    for (String name : Fleet.HUB) {
      log.append("\n\n").append(name).append('\n').append(fleet.log(name));
    }
    for (String name : Fleet.LEAVES) {
      log.append("\n\n").append(name).append('\n').append(fleet.log(name));
    }
    Files.writeString(FaultSuite.FOLDER.resolve(fault.file() + ".log"), log);
  }
}
