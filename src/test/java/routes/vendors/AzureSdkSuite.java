package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.Certificates;
import routes.sandbox.SandboxCloud;
import routes.sandbox.azure.SandboxAzure;

/** Azure's SDKs with the stand-in: telemetry, twin, direct method, cloud-to-device message. */
@Timeout(300)
class AzureSdkSuite {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"python, tcp", "python, ws", "node, tcp", "node, ws"})
  void azureSdksWorkWithTheStandIn(String language, String transport) throws Exception {
    List<?> program =
        language.equals("python")
            ? List.of(
                VendorPackages.python().resolve("python"),
                VendorPackages.SCRIPTS.resolve("azure_iot.py"))
            : List.of("node", VendorPackages.SCRIPTS.resolve("azure_iot.js"));
    Map<String, String> environment =
        language.equals("python")
            ? Map.of()
            : Map.of("NODE_PATH", VendorPackages.node().toString());
    SandboxAzure hub =
        new SandboxAzure(folder.resolve("landed"), new Certificates(folder))
            .register("edge-1")
            .start(0);
    Map<String, String> settings = hub.settings();
    try (hub;
        VendorProcess client =
            VendorPackages.start(
                environment,
                program.get(0),
                program.get(1),
                settings.get("AZURE_CONNECTION_STRING"),
                settings.get("AZURE_CA"),
                hub.port(),
                transport)) {
      client.awaitLine("ready");
      assertThat(hub.reported("edge-1").path("period").asInt()).isEqualTo(5);
      hub.send("edge-1", Map.of(), "to the device".getBytes(StandardCharsets.UTF_8));
      hub.desire("edge-1", "{\"fan\":1}");
      SandboxCloud.Reply reply =
          hub.command("edge-1", "ping", "{\"a\":1}").get(60, TimeUnit.SECONDS);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(JSON.readTree(reply.payload()))
          .isEqualTo(JSON.readTree("{\"name\":\"ping\",\"sent\":{\"a\":1}}"));
      client.proceed();
      assertThat(client.awaitSuccess()).endsWith("done");
      assertThat(hub.refusals()).isEmpty();
    }
    JsonNode record = JSON.readTree(landed());
    assertThat(record.at("/Body/n").asInt()).isEqualTo(1);
    assertThat(record.at("/Properties/kind").asText()).isEqualTo("sdk");
    assertThat(record.at("/SystemProperties/messageId").asText())
        .isEqualTo(language + "-" + transport);
  }

  private String landed() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("landed"))) {
      return Files.readString(files.filter(Files::isRegularFile).findFirst().orElseThrow());
    }
  }
}
