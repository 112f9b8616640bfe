package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** When the classes of jq are loaded. */
class JqOnDemandTest {
  private static final Pattern JQ =
      Pattern.compile("] (net\\.thisptr|org\\.joni|org\\.apache\\.camel\\.language\\.jq)\\.");

  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @TempDir Path folder;

  @Test
  void shippedRoutesDoNotLoadJq() throws Exception {
    assertThat(loaded(Path.of("routes-yaml"))).noneMatch(JQ.asPredicate());
  }

  @Test
  void aRouteThatUsesJqLoadsIt() throws Exception {
    RoutesYaml.copyTo(folder);
    Files.writeString(
        folder.resolve("collect-half.camel.yaml"),
        """
        - route:
            id: collect-half
            from:
              uri: timer
              parameters:
                timerName: half
              steps:
                - setBody:
                    expression:
                      jq:
                        expression: "1 / 2"
        """);
    assertThat(loaded(folder)).anyMatch(JQ.asPredicate());
  }

  private List<String> loaded(Path routes) throws Exception {
    Path log = folder.resolve("classes.log");
    Map<String, String> settings =
        Map.of(
            "DEVICE_ID",
            "edge-1",
            "NATS_SERVERS",
            NATS.url(),
            "GATEWAYS",
            "mqtt",
            "MQTT_URL",
            "tcp://127.0.0.1:1",
            "ROUTES_DIRECTORY",
            routes.toString());
    List<String> command = RuntimeProcess.command("-Xlog:class+load=info:file=" + log);
    try (RuntimeProcess runtime = RuntimeProcess.startCommand(command, settings)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.get("/api/sample").status() == 200);
    }
    List<String> lines = Files.readAllLines(log);
    assertThat(lines).anyMatch(line -> line.contains(" routes.sample.Sampler "));
    return lines;
  }
}
