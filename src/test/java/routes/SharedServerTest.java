package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.sandbox.RuntimeProcess;

/** Devices that share a NATS server, as processes of their own. */
@Tag("slow")
@Timeout(300)
class SharedServerTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private RuntimeProcess device(String id, String gateways) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", id);
    settings.put("GATEWAYS", gateways);
    settings.put("COLLECT_PERIOD", "500ms");
    return RuntimeProcess.start(settings);
  }

  private void until(RuntimeProcess runtime, Callable<Boolean> condition) {
    try {
      await().atMost(Duration.ofSeconds(150)).ignoreExceptions().until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(runtime.output() + "\n" + nats.log(), e);
    }
  }

  private static List<String> warnings(RuntimeProcess runtime) {
    return runtime.output().stream().filter(line -> line.contains(" WARN ")).toList();
  }

  @Test
  void aDeviceThatNothingForwardsIsNotReady() throws Exception {
    try (RuntimeProcess edge = device("edge-1", "");
        RuntimeProcess local = device("edge-2", "none")) {
      until(edge, () -> edge.get("/health/ready").status() == 503 && !warnings(edge).isEmpty());
      assertThat(edge.get("/health/ready").body())
          .contains("no consumer of stream TELEMETRY receives telemetry.edge-1.>");
      assertThat(warnings(edge)).hasSize(1).first().asString().contains("set gateways=none");
      until(local, () -> local.get("/health/ready").status() == 200);
      assertThat(warnings(local)).isEmpty();
      nats.connection()
          .jetStreamManagement()
          .addOrUpdateConsumer(
              "TELEMETRY",
              ConsumerConfiguration.builder()
                  .durable("gateway-mqtt-hub_hub")
                  .filterSubject("telemetry.*.>")
                  .ackPolicy(AckPolicy.Explicit)
                  .build());
      until(edge, () -> edge.get("/health/ready").status() == 200);
    }
  }

  @Test
  void bothProcessesWithTheSameDeviceIdLogOneLine() throws Exception {
    try (RuntimeProcess one = device("edge-1", "none");
        RuntimeProcess other = device("edge-1", "none")) {
      until(one, () -> !warnings(one).isEmpty() && !warnings(other).isEmpty());
      for (RuntimeProcess each : List.of(one, other)) {
        assertThat(warnings(each))
            .hasSize(1)
            .first()
            .asString()
            .contains(
                " also runs collect-inventory, collect-metrics as device edge-1: samples of both"
                    + " are mixed; set another device.id there");
      }
      other.close();
      try (RuntimeProcess again = device("edge-1", "none")) {
        until(again, () -> again.get("/health/ready").status() == 200);
        until(
            again,
            () -> warnings(again).size() == 1); // a third process, and not the one that ended
      }
    }
  }

  private String consumers(int code, String gateways, String... words) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("GATEWAYS", gateways);
    settings.put("MQTT_URL", "tcp://127.0.0.1:1");
    String[] all = new String[words.length + 1];
    all[0] = "consumers";
    System.arraycopy(words, 0, all, 1, words.length);
    try (RuntimeProcess command = RuntimeProcess.start(settings, all)) {
      assertThat(command.awaitExit()).as(() -> command.output().toString()).isEqualTo(code);
      return String.join("\n", command.output());
    }
  }

  /** The broker is unavailable, so the gateway pulls nothing. */
  @Test
  void theConsumerOfARemovedGatewayIsPruned() throws Exception {
    assertThat(consumers(0, "mqtt")).isEqualTo("no consumers");
    Map<String, String> settings = new HashMap<>();
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("GATEWAYS", "mqtt");
    settings.put("MQTT_URL", "tcp://127.0.0.1:1");
    settings.put("COLLECT_PERIOD", "500ms");
    try (RuntimeProcess edge = RuntimeProcess.start(settings)) {
      until(
          edge,
          () ->
              consumers(0, "mqtt").contains(" gateway-mqtt\n")
                  || consumers(0, "mqtt").endsWith(" gateway-mqtt"));
      until(
          edge,
          () -> consumers(0, "none", "prune", "--yes").contains("kept gateway-mqtt_edge-1: "));
    }
    assertThat(consumers(0, "mqtt", "prune", "--yes")).isEqualTo("nothing to remove");
    assertThat(consumers(1, "mqtt,azur"))
        .isEqualTo("consumers: the settings have errors; see check");
    assertThat(consumers(0, "none", "prune", "--yes"))
        .contains("removed gateway-mqtt_edge-1 of stream TELEMETRY, backlog ");
    assertThat(consumers(0, "none")).isEqualTo("no consumers");
  }
}
