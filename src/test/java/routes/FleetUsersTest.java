package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StorageType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.Fleet;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;

/** The users in fleet/users.conf and the limits in fleet/leaf.conf, with real servers. */
@Tag("slow")
@Timeout(300)
class FleetUsersTest {
  private static final Duration ANSWER = Duration.ofMillis(500);

  @TempDir Path folder;

  private static void until(String what, Callable<Boolean> condition) {
    await(what).atMost(Duration.ofSeconds(120)).ignoreExceptions().until(condition);
  }

  private Fleet fleet() throws Exception {
    return Fleet.behindProxies(NatsServer.binary(), folder);
  }

  /** A connection to a leaf node that answers the command {@code commands.<leaf>.ping}. */
  private static Connection answering(Fleet fleet, String leaf) throws Exception {
    Connection connection = Nats.connect(fleet.leaf(leaf));
    connection
        .createDispatcher(request -> connection.publish(request.getReplyTo(), new byte[0]))
        .subscribe("commands." + leaf + ".ping");
    return connection;
  }

  /** Returns once a command went through to the leaf node, and its reply back. */
  private static void roundTrip(Fleet fleet, Connection hub, String leaf) {
    try {
      until(
          leaf + " is connected",
          () -> hub.request("commands." + leaf + ".ping", null, ANSWER) != null);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(fleet.log(leaf), e);
    }
  }

  /** After a reload, nats-server 2.9 may not announce a leaf node to the hub's other servers. */
  private static boolean anyServerReaches(Fleet fleet, String leaf) throws Exception {
    for (String server : fleet.hub("admin").split(",")) {
      try (Connection hub = Nats.connect(server)) {
        if (hub.request("commands." + leaf + ".ping", null, ANSWER) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /** Each of the two files alone is enough: a leaf node can have another leaf.conf. */
  @Test
  void telemetryDoesNotCrossTheConnectionInEitherDirection() throws Exception {
    try (Fleet fleet = fleet()) {
      fleet.edit("leaf-1", FleetTest::openLeaf);
      fleet.edit("users", text -> FleetTest.openUser(text, "leaf-2"));
      fleet.start();
      Connection hub = fleet.admin();
      Subscription atHub = hub.subscribe("telemetry.>");
      for (String name : Fleet.LEAVES) {
        try (Connection leaf = answering(fleet, name)) {
          Subscription atLeaf = leaf.subscribe("telemetry.>");
          roundTrip(fleet, hub, name);
          leaf.publish("telemetry.edge-1.up", new byte[0]);
          hub.publish("telemetry.edge-1.down", new byte[0]);
          roundTrip(fleet, hub, name); // behind them on the same connection
          assertThat(subjects(atLeaf)).as(name).containsExactly("telemetry.edge-1.up");
          assertThat(subjects(atHub)).as(name).containsExactly("telemetry.edge-1.down");
        }
      }
    }
  }

  private static List<String> subjects(Subscription subscription) throws Exception {
    List<String> subjects = new CopyOnWriteArrayList<>();
    Message message;
    while ((message = subscription.nextMessage(ANSWER)) != null) {
      subjects.add(message.getSubject());
    }
    return subjects;
  }

  @Test
  void eachLeafNodeHasItsOwnPasswordAndAnswersOnlyForItself() throws Exception {
    try (Fleet fleet = fleet().start();
        Connection first = answering(fleet, "leaf-1");
        Connection other = answering(fleet, "leaf-2")) {
      Connection hub = fleet.admin();
      roundTrip(fleet, hub, "leaf-1");
      roundTrip(fleet, hub, "leaf-2");
      long connects = connects(fleet, "leaf-2");
      // nats-server checks the password when a leaf node connects, so nothing is interrupted.
      fleet.changePassword("leaf-1", "rotated");
      roundTrip(fleet, hub, "leaf-1");
      fleet.cut("leaf-1");
      until("cut", () -> hub.request("commands.leaf-1.ping", null, ANSWER) == null);
      fleet.heal("leaf-1");
      until("the old password is refused", () -> refused(fleet));
      assertThat(hub.request("commands.leaf-1.ping", null, ANSWER)).isNull();

      // leaf-1 is away: leaf-2 must not receive the hub's requests for its telemetry.
      Subscription stolen = other.subscribe("$JS.leaf-1.API.>");
      roundTrip(fleet, hub, "leaf-2");
      hub.request("$JS.leaf-1.API.CONSUMER.CREATE.TELEMETRY", null, ANSWER);
      roundTrip(fleet, hub, "leaf-2");
      assertThat(stolen.nextMessage(ANSWER)).isNull();

      fleet.kill("leaf-1");
      fleet.start("leaf-1"); // with the new one
      first.close();
      until("leaf-1 is started", () -> fleet.answers("leaf-1"));
      try (Connection again = answering(fleet, "leaf-1")) {
        until("leaf-1 is connected", () -> anyServerReaches(fleet, "leaf-1"));
      }
      assertThat(connects(fleet, "leaf-2")).as("leaf-2 stayed connected").isEqualTo(connects);
    }
  }

  private static long connects(Fleet fleet, String leaf) {
    return fleet
        .log(leaf)
        .lines()
        .filter(line -> line.contains("Leafnode connection created"))
        .count();
  }

  private static boolean refused(Fleet fleet) {
    return fleet.log("leaf-1").contains("Authorization Violation");
  }

  @Test
  void usersHaveExactlyTheRequiredPermissions() throws Exception {
    List<Arrived> arrived = new CopyOnWriteArrayList<>();
    try (Fleet fleet = fleet();
        MeanBroker broker = new MeanBroker()) {
      broker.listen(arrived::add).start(0);
      Fleet.HUB.forEach(name -> fleet.edit(name, text -> text + "\ntrace: true\n"));
      fleet.start();
      // One replica, to be changed to three.
      for (String bucket : List.of("edge-replicas", "edge-state")) {
        Duration life = bucket.equals("edge-state") ? Duration.ZERO : Duration.ofSeconds(5);
        fleet
            .admin()
            .keyValueManagement()
            .create(
                KeyValueConfiguration.builder()
                    .name(bucket)
                    .storageType(StorageType.File)
                    .ttl(life)
                    .build());
      }
      Path routes = RoutesYaml.copyTo(Files.createDirectory(folder.resolve("leaf")));
      Map<String, String> leaf = new HashMap<>();
      leaf.put("DEVICE_ID", "edge-1");
      leaf.put("NATS_SERVERS", fleet.leaf("leaf-1"));
      leaf.put("GATEWAYS", "none");
      leaf.put("COLLECT_PERIOD", "500ms");
      leaf.put("ROUTES_DIRECTORY", routes.toString());
      leaf.put("DATA_DIRECTORY", folder.resolve("data-edge").toString());
      Map<String, String> hub = new HashMap<>();
      hub.put("DEVICE_ID", "hub");
      hub.put("NATS_SERVERS", fleet.hub("routes"));
      hub.put("BUS_REPLICAS", "3");
      hub.put("REPLICA_ID", "a");
      hub.put("GATEWAYS", "mqtt-hub");
      hub.put("MQTT_HUB_URL", "tcp://127.0.0.1:" + broker.port());
      hub.put("ROUTES_DIRECTORY", fleet.hubRoutes().toString());
      hub.put("DATA_DIRECTORY", folder.resolve("data-hub").toString());
      try (RuntimeProcess edge = RuntimeProcess.start(leaf)) {
        until("collects", () -> edge.get("/health/ready").status() == 200);
        fleet.collect("leaf-1");
        try (RuntimeProcess runtime = RuntimeProcess.start(hub)) {
          until("forwards", () -> !arrived.isEmpty());
          Message pong =
              fleet.admin().request("commands.edge-1.ping", null, Duration.ofSeconds(10));
          assertThat(new String(pong.getData())).contains("edge-1");
          try (Connection publisher = Nats.connect(fleet.leaf("leaf-1"))) {
            // becomes a dead letter
            publisher.jetStream().publish("telemetry.edge-1.commands", new byte[0]);
          }
          until("dead", () -> runtime.get("/api/gateways").body().contains("\"dead\":1"));
          try (RuntimeProcess command = RuntimeProcess.start(hub, "consumers")) {
            assertThat(command.awaitExit()).as(command.output().toString()).isZero();
          }
          until("ready", () -> runtime.get("/health/ready").status() == 200);
          until("announced", () -> log(fleet).contains("PUB processes."));
          assertThat(runtime.output())
              .filteredOn(line -> line.contains(" WARN "))
              // while the number of their replicas changes
              .filteredOn(line -> !line.matches(".* bucket edge-(replicas|state) .*cannot be .*"))
              .allMatch(line -> line.contains("telemetry.edge-1.commands")); // the dead letter
          JetStreamManagement management = fleet.admin().jetStreamManagement();
          for (String bucket : List.of("KV_edge-replicas", "KV_edge-state")) {
            assertThat(management.getStreamInfo(bucket).getConfiguration().getReplicas())
                .as(bucket)
                .isEqualTo(3);
          }
          assertThat(edge.output()).noneMatch(line -> line.contains(" WARN "));
        }
      }
      String log = log(fleet);
      assertThat(log).doesNotContain("Violation");
      String users = Files.readString(Path.of("fleet/users.conf"));
      String user = users.substring(users.indexOf("user: routes"));
      // The lease is read only while another replica holds it.
      assertThat(unused(user, "publish: { allow: [", log, "H?PUB"))
          .isSubsetOf("$JS.API.DIRECT.GET.KV_edge-replicas.>");
      assertThat(unused(user, "subscribe: { allow: [", log, "SUB")).isEmpty();
      assertThat(unused(users, "leaf_answers: [", log, "LMSG|HMSG")).isEmpty();
      assertThat(unused(users, "subscribe: [", log, "LS\\+")).isEmpty();
    }
  }

  private static List<String> unused(String text, String start, String log, String verb) {
    return NatsPermissions.unused(
        NatsPermissions.list(text, start), NatsPermissions.done(log, verb));
  }

  private static String log(Fleet fleet) {
    return Fleet.HUB.stream().map(fleet::log).collect(Collectors.joining());
  }
}
