package routes.link;

import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;

/** A broker whose name has several addresses. */
class AddressesTest {
  @Test
  @Timeout(60)
  void usesTheFirstAddressThatAnswers(@TempDir Path folder) throws Exception {
    Path hosts =
        Files.writeString(
            folder.resolve("hosts"), "127.0.0.2 broker.test\n127.0.0.1 broker.test\n");
    try (MeanBroker broker = new MeanBroker()) {
      broker.start(0);
      try (RuntimeProcess runtime =
          RuntimeProcess.start(
              Map.of(
                  "JAVA_TOOL_OPTIONS",
                  "-Djdk.net.hosts.file=" + hosts,
                  "DEVICE_ID",
                  "edge-1",
                  "NATS_SERVERS",
                  "nats://127.0.0.1:1",
                  "GATEWAYS",
                  "mqtt",
                  "MQTT_URL",
                  "tcp://broker.test:" + broker.port()))) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () ->
                    runtime.output().stream()
                        .anyMatch(line -> line.contains("connected to broker.test:")));
      }
    }
  }
}
