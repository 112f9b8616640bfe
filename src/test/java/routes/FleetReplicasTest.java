package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Fleet;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.azure.SandboxAzure;

/** Two processes with the same gateway, whose lease is stored on three servers. */
@Tag("slow")
@Timeout(300)
class FleetReplicasTest {
  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();
  private final Set<String> arrived = ConcurrentHashMap.newKeySet();
  private int sent;

  private static void until(String what, Callable<Boolean> condition) {
    await(what).atMost(Duration.ofSeconds(90)).ignoreExceptions().until(condition);
  }

  private RuntimeProcess start(String replica) throws Exception {
    Map<String, String> own = new HashMap<>(settings);
    own.put("REPLICA_ID", replica);
    own.put("DATA_DIRECTORY", folder.resolve("data-" + replica).toString());
    return RuntimeProcess.start(own);
  }

  private static boolean is(RuntimeProcess process, String state) throws Exception {
    return process.get("/api/gateways").body().contains("\"state\":\"" + state + "\"");
  }

  /** Returns once the stream has stored each message. */
  private void send(Fleet fleet) {
    for (int last = sent + 20; sent < last; sent++) {
      byte[] payload = ("\"" + sent + "\"").getBytes(StandardCharsets.UTF_8);
      until(
          "stored",
          () -> fleet.admin().jetStream().publish("telemetry.edge-1.count", payload) != null);
    }
  }

  @Test
  void oneIsActiveAfterTheLeaderOfTheLeaseAndTheActiveOneAreKilled() throws Exception {
    try (Fleet fleet = Fleet.behindProxies(NatsServer.binary(), folder.resolve("nats")).start();
        SandboxAzure azure =
            new SandboxAzure(
                    folder.resolve("azure"),
                    new Certificates(Files.createDirectory(folder.resolve("pem"))))
                .register("edge-1")) {
      azure.listen(message -> arrived.add(message.text())).start(0);
      Path routes = Files.createDirectory(folder.resolve("routes"));
      RoutesYaml.copyTo(routes, "(on-error|gateway-azure|serve-gateways)\\.camel\\.yaml");
      settings.putAll(azure.settings());
      settings.put("GATEWAYS", "azure");
      settings.put("DEVICE_ID", "edge-1");
      settings.put("NATS_SERVERS", fleet.hub("admin"));
      settings.put("BUS_REPLICAS", "3");
      settings.put("BUS_MAX_BYTES", "256MB");
      settings.put("RECONNECT_MIN", "100ms");
      settings.put("ROUTES_DIRECTORY", routes.toString());
      try (RuntimeProcess a = start("a")) {
        until("a is active", () -> is(a, "connected"));
        try (RuntimeProcess b = start("b")) {
          until("b stands by", () -> is(b, "standby"));
          send(fleet);
          String leader =
              fleet
                  .admin()
                  .jetStreamManagement()
                  .getStreamInfo("KV_edge-replicas")
                  .getClusterInfo()
                  .getLeader();
          fleet.kill(leader);
          send(fleet);
          until("one is active", () -> is(a, "connected") ^ is(b, "connected"));
          until("the other stands by", () -> is(a, "standby") ^ is(b, "standby"));
          boolean isA = is(a, "connected");
          (isA ? a : b).process().destroyForcibly().onExit().join();
          send(fleet);
          until("the other is active", () -> is(isA ? b : a, "connected"));
          until("all", () -> arrived.size() == sent);
          assertThat(azure.takeovers()).isZero();
        }
      }
    }
  }
}
