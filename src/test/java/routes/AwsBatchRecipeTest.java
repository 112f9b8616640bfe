package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.aws.SandboxAws;

/** The recipe gateway-aws-batch, loaded from its file, with the stand-in for AWS IoT Core. */
class AwsBatchRecipeTest {
  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

  @Test
  void batchesStayBelowTheLimitOfAwsAndArriveComplete() throws Exception {
    Path routes = RoutesYaml.copyTo(Files.createDirectory(folder.resolve("routes")), "on-error.*");
    String file = "gateway-aws-batch.camel.yaml";
    Files.copy(Path.of("recipes", file), routes.resolve(file));
    try (SandboxAws cloud =
        new SandboxAws(folder.resolve("landed"), new Certificates(folder)).start(0)) {
      cloud.listen(arrived::add);
      Map<String, String> settings = new HashMap<>();
      cloud
          .settings()
          .forEach((key, value) -> settings.put(key.replaceFirst("^AWS_", "AWS_BATCH_"), value));
      settings.put("DEVICE_ID", "edge-1");
      settings.put("NATS_SERVERS", nats.url());
      settings.put("ROUTES_DIRECTORY", routes.toString());
      settings.put("GATEWAYS", "aws-batch");
      try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> runtime.get("/health/ready").status() == 200);
        String large = "{\"text\":\"" + "x".repeat(40_000) + "\"}"; // three exceed 100 KB
        for (int i = 0; i < 10; i++) {
          nats.connection()
              .jetStream()
              .publish("telemetry.edge-1.line", large.getBytes(StandardCharsets.UTF_8));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> elements() == 10);
        assertThat(arrived).hasSizeBetween(5, 9).allMatch(m -> m.payload().length <= 100 << 10);
        assertThat(arrived).allMatch(m -> m.topic().endsWith("/line"));
      }
    }
  }

  private int elements() throws Exception {
    int elements = 0;
    for (Arrived message : arrived) {
      JsonNode array = new ObjectMapper().readTree(message.payload());
      elements += array.size();
    }
    return elements;
  }
}
