package routes.bench;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.PublishAck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import routes.NatsServer;
import routes.sandbox.Fleet;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxClouds;

/**
 * Simulated devices on two leaf nodes of a hub of three servers, all on this machine: what the hub
 * collects and forwards, and what that costs.
 */
final class FleetBench {
  private static final int MESSAGES = 60_000;
  private static final int PAYLOAD = 500;
  private static final int IN_FLIGHT = 500;

  private long stored;

  void run() throws Exception {
    Path folder = Files.createTempDirectory("fleet-bench-");
    try (Fleet fleet = Fleet.behindProxies(NatsServer.binary(), folder).start();
        SandboxBroker broker = new SandboxBroker().start(0)) {
      for (String leaf : Fleet.LEAVES) {
        fleet.createTelemetry(leaf);
        fleet.collect(leaf);
      }
      for (int devices : new int[] {1, 1000}) {
        measure(fleet, broker, devices);
      }
    } finally {
      SandboxClouds.delete(folder);
    }
  }

  private void measure(Fleet fleet, SandboxBroker broker, int devices) throws Exception {
    String who = devices == 1 ? "1 device: " : devices + " devices: ";
    long begin = System.nanoTime();
    publish(fleet, devices);
    awaitStored(fleet);
    rate(who + "messages per second from 2 leaf nodes to the hub", MESSAGES, begin);
    try (RuntimeProcess runtime = RuntimeProcess.startJar(settings(fleet, broker))) {
      Bench.awaitDelivered(runtime, MESSAGES / 10);
      long from = Bench.delivered(runtime);
      begin = System.nanoTime();
      Bench.awaitDelivered(runtime, MESSAGES);
      rate(who + "messages per second from the hub to the broker", MESSAGES - from, begin);
      Bench.row(who + "resident memory of the hub's runtime", Bench.megabytes(runtime), "");
    }
    JetStreamManagement hub = fleet.admin().jetStreamManagement();
    StringBuilder servers = new StringBuilder();
    for (String name : Fleet.HUB) {
      servers.append(servers.isEmpty() ? "" : ", ");
      servers.append(Bench.megabytes(fleet.process(name).pid(), "VmRSS"));
    }
    Bench.row(who + "resident memory of each of the hub's servers", servers.toString(), "");
    Bench.row(
        who + "consumers of the hub's stream",
        String.valueOf(hub.getConsumerNames("TELEMETRY").size()),
        "1");
  }

  private static void rate(String what, long messages, long begin) {
    Bench.row(what, "%.0f".formatted(messages / ((System.nanoTime() - begin) / 1e9)), "");
  }

  private static void publish(Fleet fleet, int devices) throws Exception {
    try (Connection one = Nats.connect(fleet.leaf("leaf-1"));
        Connection other = Nats.connect(fleet.leaf("leaf-2"))) {
      JetStream[] leaves = {one.jetStream(), other.jetStream()};
      Deque<CompletableFuture<PublishAck>> open = new ArrayDeque<>();
      for (int i = 0; i < MESSAGES; i++) {
        String subject = "telemetry.device-" + i % devices + ".metrics";
        open.add(leaves[i % 2].publishAsync(subject, new byte[PAYLOAD]));
        if (open.size() > IN_FLIGHT) {
          open.remove().join();
        }
      }
      open.forEach(CompletableFuture::join);
    }
  }

  private void awaitStored(Fleet fleet) throws Exception {
    JetStreamManagement hub = fleet.admin().jetStreamManagement();
    stored += MESSAGES;
    while (hub.getStreamInfo("TELEMETRY").getStreamState().getLastSequence() < stored) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static Map<String, String> settings(Fleet fleet, SandboxBroker broker) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("DEVICE_ID", "hub");
    settings.put("NATS_SERVERS", fleet.hub("routes"));
    settings.put("BUS_REPLICAS", "3");
    settings.put("ROUTES_DIRECTORY", fleet.hubRoutes().toString());
    settings.put("GATEWAYS", "mqtt-hub");
    settings.put("MQTT_HUB_URL", "tcp://127.0.0.1:" + broker.port());
    return settings;
  }
}
