package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.Fleet;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;

/** A hub of three nats-servers with two leaf nodes, from the files in fleet/. */
@Tag("slow")
@Timeout(300)
class FleetTest {
  @TempDir Path folder;

  private static void until(String what, Callable<Boolean> condition) {
    // The bus checks its streams once per minute.
    await(what).atMost(Duration.ofSeconds(120)).ignoreExceptions().until(condition);
  }

  private Fleet fleet() throws Exception {
    return Fleet.behindProxies(NatsServer.binary(), folder);
  }

  private static Fleet started(Fleet fleet) throws Exception {
    fleet.start();
    for (String leaf : Fleet.LEAVES) {
      fleet.createTelemetry(leaf);
    }
    return fleet;
  }

  private static void publish(Fleet fleet, String leaf, String subject, String id)
      throws Exception {
    try (var connection = Nats.connect(fleet.leaf(leaf))) {
      connection
          .jetStream()
          .publish(
              NatsMessage.builder()
                  .subject(subject)
                  .headers(new Headers().add("Nats-Msg-Id", id).add("Content-Type", "text/plain"))
                  .data(id)
                  .build());
    }
  }

  private Map<String, String> hub(Fleet fleet, MeanBroker broker) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "hub");
    settings.put("NATS_SERVERS", fleet.hub("routes"));
    settings.put("BUS_REPLICAS", "3");
    settings.put("BUS_MAX_BYTES", "256MB");
    settings.put("ROUTES_DIRECTORY", fleet.hubRoutes().toString());
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("GATEWAYS", "mqtt-hub");
    settings.put("MQTT_HUB_URL", "tcp://127.0.0.1:" + broker.port());
    return settings;
  }

  @Test
  void messagesOfLeavesReachTheBrokerWithSubjectAndId() throws Exception {
    List<Arrived> arrived = new CopyOnWriteArrayList<>();
    try (Fleet fleet = started(fleet());
        MeanBroker broker = new MeanBroker()) {
      broker.listen(arrived::add).start(0);
      assertThat(fleet.leafCommand()).isEqualTo("0 no leaf nodes");
      assertThat(fleet.leafCommand("add", "leaf-1"))
          .isEqualTo("0 created stream TELEMETRY with the source leaf-1");
      assertThat(fleet.leafCommand("add", "leaf-2"))
          .isEqualTo("0 added leaf-2 to stream TELEMETRY");
      assertThat(fleet.leafCommand("add", "leaf-2"))
          .isEqualTo("0 leaf-2 is already a source of stream TELEMETRY");
      publish(fleet, "leaf-1", "telemetry.edge-1.note", "a-1");
      publish(fleet, "leaf-2", "telemetry.edge-2.press.left", "b-1");
      try (RuntimeProcess runtime = RuntimeProcess.start(hub(fleet, broker))) {
        until("two messages", () -> arrived.size() == 2);
        assertThat(arrived)
            .extracting(message -> message.topic() + " " + message.text())
            .containsExactlyInAnyOrder("devices/edge-1/note a-1", "devices/edge-2/press.left b-1");
        JetStreamManagement management = fleet.admin().jetStreamManagement();
        for (String stream : List.of("TELEMETRY", "INVENTORY", "DEAD")) {
          assertThat(management.getStreamInfo(stream).getConfiguration().getReplicas())
              .as(stream)
              .isEqualTo(3);
        }
        assertThat(
                management
                    .getConsumerInfo("TELEMETRY", "gateway-mqtt-hub_hub")
                    .getClusterInfo()
                    .getReplicas())
            .hasSize(2);
        StreamConfiguration telemetry = management.getStreamInfo("TELEMETRY").getConfiguration();
        assertThat(telemetry.getSubjects()).isEmpty();
        MessageInfo stored = management.getLastMessage("TELEMETRY", "telemetry.edge-1.note");
        assertThat(stored.getHeaders().getFirst("Nats-Msg-Id")).isEqualTo("a-1");
        until("ready", () -> runtime.get("/health/ready").status() == 200);
        assertThat(runtime.output()).noneMatch(line -> line.contains(" WARN "));
        assertThat(fleet.leafCommand()).contains("leaf-1").contains("leaf-2").contains(" s ago");
        fleet.kill("leaf-1");
        until("unknown lag", () -> fleet.leafCommand().matches("(?s).*leaf-1 +\\? .*"));
        assertThat(fleet.leafCommand()).containsPattern("leaf-2 +0 ");
        assertThat(fleet.leafCommand("remove", "leaf-2"))
            .isEqualTo("0 removed leaf-2 from stream TELEMETRY");
        assertThat(fleet.leafCommand("remove", "leaf-2"))
            .startsWith("1 leaf: leaf-2 is not a source");
      }
    }
  }

  @Test
  void aDeviceMovesFromItsOwnServerToALeafNodeWithItsStream() throws Exception {
    try (Fleet fleet = fleet()) {
      fleet.edit("leaf-1", FleetTest::ownServer);
      started(fleet);
      for (int i = 0; i < 3; i++) {
        publish(fleet, "leaf-1", "telemetry.edge-1.note", "delivered-" + i);
      }
      fleet.kill("leaf-1");
      fleet.edit("leaf-1", text -> text);
      fleet.start("leaf-1");
      assertThat(fleet.leafCommand("add", "leaf-1", "soon")).startsWith("2 leaf: \"soon\" is not");
      assertThat(fleet.leafCommand("add", "leaf-1", "new"))
          .isEqualTo("0 created stream TELEMETRY with the source leaf-1");
      publish(fleet, "leaf-1", "telemetry.edge-1.note", "later");
      JetStreamManagement hub = fleet.admin().jetStreamManagement();
      until("fetched", () -> messages(hub) == 1);
      try (var leaf = Nats.connect(fleet.leaf("leaf-1"))) {
        assertThat(messages(leaf.jetStreamManagement())).isEqualTo(4);
      }
      assertThat(hub.getLastMessage("TELEMETRY", "telemetry.edge-1.note").getData())
          .asString()
          .isEqualTo("later");
    }
  }

  private static long messages(JetStreamManagement management) throws Exception {
    return management.getStreamInfo("TELEMETRY").getStreamState().getMsgCount();
  }

  /** The server of a device before it becomes a leaf node. */
  private static String ownServer(String configuration) {
    return configuration
        .replace("domain: $LEAF_NAME", "")
        .replaceAll("(?s)\nleafnodes \\{.*", "\n");
  }

  /** As if fleet/leaf.conf did not deny telemetry. */
  static String openLeaf(String configuration) {
    return configuration.replaceAll("deny_(im|ex)ports: \\[[^]]*]", "");
  }

  /** As if fleet/users.conf did not deny telemetry to a leaf node. */
  static String openUser(String users, String leaf) {
    String open =
        users.replaceFirst("(password: CHANGE-" + leaf + "), permissions: \\{[^}]*} }", "$1 }");
    assertThat(open).isNotEqualTo(users);
    return open.contains("$leaf_answers") ? open : open.replaceFirst("leaf_answers: .*", "");
  }

  @Test
  void warnsOnceAboutALeafThatStoresMessagesOfTheHub() throws Exception {
    Map<String, Integer> arrived = new ConcurrentHashMap<>();
    try (Fleet fleet = fleet();
        MeanBroker broker = new MeanBroker()) {
      fleet.edit("users", text -> openUser(openUser(text, "leaf-1"), "leaf-2"));
      Fleet.LEAVES.forEach(name -> fleet.edit(name, FleetTest::openLeaf));
      started(fleet);
      broker.listen(message -> arrived.merge(message.text(), 1, Integer::sum)).start(0);
      publish(fleet, "leaf-2", "telemetry.edge-2.note", "b-0");
      fleet.leafCommand("add", "leaf-1");
      fleet.leafCommand("add", "leaf-2");
      try (RuntimeProcess runtime = RuntimeProcess.start(hub(fleet, broker))) {
        for (int i = 0; i < 20; i++) {
          publish(fleet, "leaf-1", "telemetry.edge-1.note", "a-" + i);
        }
        until("all", () -> arrived.size() == 21);
        until("one warning", () -> warnings(runtime).size() == 1);
        assertThat(warnings(runtime).get(0))
            .endsWith(
                " WARN  bus - a leaf node stores telemetry.> of this hub; deny telemetry.> in both"
                    + " directions on its connection (fleet/leaf.conf), or messages arrive twice");
      }
    }
  }

  private static List<String> warnings(RuntimeProcess runtime) {
    return runtime.output().stream().filter(line -> line.contains(" WARN ")).toList();
  }

  @Test
  void reportsAHubWithoutQuorumInOneLineAndLosesNothing() throws Exception {
    Map<String, Integer> arrived = new ConcurrentHashMap<>();
    try (Fleet fleet = started(fleet());
        MeanBroker broker = new MeanBroker()) {
      broker.listen(message -> arrived.merge(message.text(), 1, Integer::sum)).start(0);
      publish(fleet, "leaf-1", "telemetry.edge-1.note", "a-0");
      fleet.leafCommand("add", "leaf-1");
      try (RuntimeProcess runtime = RuntimeProcess.start(hub(fleet, broker))) {
        until("the first", () -> arrived.size() == 1);
        fleet.kill("hub-1");
        fleet.kill("hub-2");
        for (int i = 1; i < 20; i++) {
          publish(fleet, "leaf-1", "telemetry.edge-1.note", "a-" + i);
        }
        until("not ready", () -> runtime.get("/health/ready").body().contains("quorum"));
        String fix = "cluster hub has no quorum: start its other servers, so that more than half";
        for (String logger : List.of("bus", "gateway-mqtt-hub")) {
          assertThat(runtime.output())
              .filteredOn(line -> line.matches(".* WARN +" + logger + " - (stream|consumer) .*"))
              .hasSizeLessThan(2)
              .allMatch(line -> line.contains(fix));
        }
        fleet.start("hub-1");
        fleet.start("hub-2");
        until("all", () -> arrived.size() == 20);
        until("ready", () -> runtime.get("/health/ready").status() == 200);
      }
    }
  }

  @Test
  void reportsMoreReplicasThanServersOnce() throws Exception {
    try (Fleet fleet = fleet();
        MeanBroker broker = new MeanBroker()) {
      broker.start(0);
      fleet.withHubOf(2).start();
      try (RuntimeProcess runtime = RuntimeProcess.start(hub(fleet, broker))) {
        until("reported", () -> runtime.get("/health/ready").body().contains("bus.replicas=3"));
        assertThat(runtime.output())
            .filteredOn(line -> line.contains("bus.replicas"))
            .singleElement()
            .asString()
            .matches(
                ".*stream TELEMETRY: .*bus.replicas=3 needs a cluster of at least 3 nats-servers;"
                    + " found cluster hub with 127.0.0.1:\\d+, 127.0.0.1:\\d+; start or add servers,"
                    + " or lower bus.replicas");
      }
    }
  }
}
