package routes.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.NatsServer;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxCloud;
import routes.sandbox.azure.SandboxAzure;

/** The commands for operators as direct methods of Azure's stand-in. */
@Tag("slow")
@Timeout(120)
class OperationsFromAzureTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DEVICE = "edge-1";

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();
  private SandboxAzure azure;
  private RuntimeProcess runtime;

  @BeforeEach
  void start() throws Exception {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    azure = new SandboxAzure(folder.resolve("azure"), certificates).register(DEVICE).start(0);
    settings.putAll(azure.settings());
    settings.put("GATEWAYS", "azure");
    settings.put("DEVICE_ID", DEVICE);
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("COMMANDS_ALLOW", "diagnose,settings,restart");
  }

  @AfterEach
  void stop() {
    runtime.close();
    azure.close();
  }

  private void givenRuntime() throws Exception {
    runtime = RuntimeProcess.start(settings);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> runtime.get("/health/ready").status() == 200);
  }

  private SandboxCloud.Reply call(String name, String payload) throws Exception {
    return azure.command(DEVICE, name, payload).get(60, TimeUnit.SECONDS);
  }

  @Test
  void answersADirectMethod() throws Exception {
    givenRuntime();
    SandboxCloud.Reply diagnose = call("diagnose", "null");
    assertThat(diagnose.status()).isEqualTo(200);
    JsonNode reply = JSON.readTree(diagnose.payload());
    assertThat(reply.path("gateways").path(0).path("gateway").asText()).isEqualTo("gateway-azure");
    assertThat(reply.path("gateways").path(0).path("state").asText()).isEqualTo("connected");
    JsonNode server = reply.path("certificates").path(0);
    assertThat(server.path("name").asText()).isEqualTo("azure.ca");
    assertThat(Instant.parse(server.path("expires").asText())).isAfter(Instant.now());
    assertThat(call("diagnose", "{\"next\":1}").status()).isEqualTo(400);
    assertThat(call("logs", "{}").status()).isEqualTo(403);
    assertThat(call("settings", "{}").payload())
        .contains(
            "{\"key\":\"azure.connection-string\",\"value\":\"***\",\"from\":\"environment\"}")
        .doesNotContain("SharedAccessKey");
  }

  @Test
  void refusesToRestartWithoutASupervisor() throws Exception {
    settings.put("PROCESS_SUPERVISED", "false");
    givenRuntime();
    SandboxCloud.Reply reply = call("restart", "{}");
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.payload()).contains("process.supervised");
    assertThat(runtime.process().isAlive()).isTrue();
  }

  @Test
  void repliesAndThenEndsInOrder() throws Exception {
    settings.put("PROCESS_SUPERVISED", "true");
    givenRuntime();
    List<CompletableFuture<SandboxCloud.Reply>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      asked.add(azure.command(DEVICE, "restart", "{}"));
    }
    for (CompletableFuture<SandboxCloud.Reply> each : asked) {
      SandboxCloud.Reply reply = each.get(60, TimeUnit.SECONDS);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.payload()).isEqualTo("{\"restarting\":true,\"by\":\"process.supervised\"}");
    }
    assertThat(runtime.awaitExit()).isEqualTo(75);
    assertThat(runtime.output().get(runtime.output().size() - 1))
        .endsWith("GracefulStop - stopped; 0 messages returned to the bus");
    assertThat(runtime.output().stream().filter(line -> line.contains(" restart - restarting")))
        .hasSize(1);
  }
}
