package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

class RoutesHealthCheckTest {
  @Test
  void aRouteThatNeverStartedIsNamed(@TempDir Path directory) throws Exception {
    Files.writeString(
        directory.resolve("late.camel.yaml"),
        """
        - route:
            id: late
            from:
              uri: nats
              parameters:
                topic: orders
                servers: 127.0.0.1:2
              steps:
                - log:
                    message: never
        """);
    try (RuntimeProcess runtime =
        RuntimeProcess.start(
            Map.of(
                "ROUTES_DIRECTORY", directory.toString(), "NATS_SERVERS", "nats://127.0.0.1:1"))) {
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> runtime.get("/health/ready").body().contains("late is "));
      assertThat(runtime.get("/health/ready").status()).isEqualTo(503);
      assertThat(runtime.get("/health/live").status()).isEqualTo(200);
    }
  }
}
