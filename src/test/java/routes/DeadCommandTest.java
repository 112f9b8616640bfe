package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.impl.Headers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;

/** The command dead and the runtime, as separate processes. */
@Tag("slow")
@Timeout(120)
class DeadCommandTest {
  @RegisterExtension final NatsServer nats = new NatsServer("--user", "edge", "--pass", "s3cret");

  private static final Duration SOON = Duration.ofSeconds(60);

  private String url() {
    return nats.url().replace("nats://", "nats://edge:s3cret@");
  }

  /** Returns what it printed, and expects the exit code. */
  private String dead(int code, Map<String, String> settings, String... words) throws Exception {
    String[] arguments = new String[words.length + 1];
    arguments[0] = "dead";
    System.arraycopy(words, 0, arguments, 1, words.length);
    try (RuntimeProcess command = RuntimeProcess.start(settings, arguments)) {
      assertThat(command.awaitExit()).as(() -> command.output().toString()).isEqualTo(code);
      return String.join("\n", command.output());
    }
  }

  @Test
  void listsShowsAndReplaysADeadLetterWhileTheRuntimeRuns() throws Exception {
    Map<String, String> settings = Map.of("NATS_SERVERS", url());
    AtomicInteger refusals = new AtomicInteger(2);
    try (MeanBroker broker = new MeanBroker()) {
      broker.publishAnswer =
          message -> message.text().equals("bad") && refusals.getAndDecrement() > 0 ? 0x83 : 0;
      AtomicInteger bad = new AtomicInteger();
      broker.listen(message -> bad.addAndGet(message.text().equals("bad") ? 1 : 0)).start(0);
      Map<String, String> runtime =
          Map.of(
              "NATS_SERVERS",
              url(),
              "DEVICE_ID",
              "edge-1",
              "DEAD_AFTER",
              "2",
              "GATEWAYS",
              "mqtt",
              "MQTT_URL",
              "tcp://127.0.0.1:" + broker.port());
      try (RuntimeProcess edge = RuntimeProcess.start(runtime)) {
        Connection bus =
            nats.connection(new io.nats.client.Options.Builder().userInfo("edge", "s3cret"));
        await()
            .atMost(SOON)
            .ignoreException(JetStreamApiException.class)
            .until(() -> bus.jetStreamManagement().getStreamNames().contains("DEAD"));
        assertThat(dead(0, settings)).isEqualTo("no dead letters");
        bus.jetStream()
            .publish(
                "telemetry.edge-1.metrics",
                new Headers().put("Nats-Msg-Id", "01J"),
                "bad".getBytes());
        await().atMost(SOON).until(() -> edge.get("/api/gateways").body().contains("\"dead\":1"));
        assertThat(dead(0, settings, "list"))
            .startsWith("number  gateway ")
            .containsPattern(
                "\n1 +gateway-mqtt +edge-1 +\\S+Z +2 +3 +01J +refused by the broker: implementation specific error");
        assertThat(dead(0, settings, "list", "mqtt")).contains("gateway-mqtt");
        assertThat(dead(0, settings, "list", "gateway-aws-inventory")).isEqualTo("no dead letters");
        assertThat(dead(1, settings, "drop", "all", "mqtt-plant"))
            .isEqualTo(
                "dead: unknown gateway \"mqtt-plant\"; gateways with dead letters: gateway-mqtt");
        assertThat(dead(0, settings, "show", "1"))
            .contains("Dead-Subject: telemetry.edge-1.metrics")
            .endsWith("\n\nbad");
        assertThat(dead(0, settings, "replay", "1")).isEqualTo("replayed 1");
        await().atMost(SOON).until(() -> bad.get() == 1);
        assertThat(dead(1, settings, "replay", "1"))
            .isEqualTo("dead: no dead letter 1; list them with: dead list");
        assertThat(dead(0, settings, "drop", "all")).isEqualTo("no dead letters");
        assertThat(dead(1, settings, "list", "gateway-mqqt"))
            .isEqualTo("dead: unknown gateway \"gateway-mqqt\"; there are no dead letters");
        assertThat(edge.output()).noneMatch(line -> line.contains("s3cret"));
      }
    }
  }

  @Test
  void reportsEachErrorInOneLine(@TempDir Path folder) throws Exception {
    assertThat(dead(2, Map.of(), "bury"))
        .startsWith("usage: dead [list [GATEWAY]]")
        .hasLineCount(1);
    assertThat(dead(1, Map.of("NATS_SERVERS", nats.url())))
        .isEqualTo(
            "dead: NATS at 127.0.0.1:"
                + nats.port()
                + ": login refused; check nats.username and nats.password");
    Path password = Files.writeString(folder.resolve("password"), "s3cret\n");
    assertThat(
            dead(
                0,
                Map.of(
                    "NATS_SERVERS",
                    nats.url(),
                    "NATS_USERNAME",
                    "edge",
                    "NATS_PASSWORD_FILE",
                    password.toString())))
        .isEqualTo("no dead letters");
    nats.kill();
    assertThat(dead(1, Map.of("NATS_SERVERS", url())))
        .startsWith("dead: NATS at 127.0.0.1:" + nats.port() + " is unavailable (nats.servers)")
        .hasLineCount(1)
        .doesNotContain("s3cret");
    assertThat(dead(1, Map.of("NATS_SERVERS", "nats://a b")))
        .startsWith("cloud-iot-routes: nats.servers: ");
    try (RuntimeProcess wrong = RuntimeProcess.start(Map.of(), "ded")) {
      assertThat(wrong.awaitExit()).isEqualTo(2);
      assertThat(wrong.output())
          .containsExactly(
              "cloud-iot-routes: unknown argument \"ded\"; --help lists the arguments");
    }
  }
}
