package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.sandbox.RuntimeProcess;

/** The sample that collect.include and collect.exclude leave. */
class EmptySampleTest {
  @RegisterExtension static final NatsServer NATS = new NatsServer();

  @Test
  void anEmptySampleIsReportedOnceAndNotPublished() throws Exception {
    try (RuntimeProcess runtime = start(Map.of("COLLECT_INCLUDE", "none"))) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> runtime.output().stream().anyMatch(l -> l.contains("the sample is empty")));
      await().pollDelay(Duration.ofSeconds(1)).until(() -> true); // several periods
      assertThat(messages()).isZero();
      assertThat(runtime.output()).filteredOn(l -> l.contains("sample is empty")).hasSize(1);
      assertThat(runtime.get("/health/ready").status()).isEqualTo(200);
    }
    try (RuntimeProcess runtime =
        start(Map.of("COLLECT_INCLUDE", "memory,cpu", "COLLECT_EXCLUDE", "cpu"))) {
      await().atMost(Duration.ofSeconds(60)).until(() -> messages() > 0);
      String sample = runtime.get("/api/sample").body();
      assertThat(sample).contains("\"memory\"").doesNotContain("\"cpu\"");
    }
  }

  private static RuntimeProcess start(Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", NATS.url());
    settings.put("COLLECT_PERIOD", "200ms");
    return RuntimeProcess.start(settings);
  }

  private static long messages() throws Exception {
    try {
      StreamState state =
          NATS.connection().jetStreamManagement().getStreamInfo("TELEMETRY").getStreamState();
      return state.getMsgCount();
    } catch (JetStreamApiException e) {
      return 0; // no stream yet
    }
  }
}
