package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.api.ObjectStoreConfiguration;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.bundles.SignedBundle;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxCloud;
import routes.sandbox.SandboxMqtt;
import routes.sandbox.aws.SandboxAws;

/** An offer that a cloud had before the runtime started, with the stand-ins. */
@Tag("slow")
@Timeout(300)
class RolloutCloudsTest {
  @RegisterExtension final NatsServer nats = new NatsServer();
  private final BundleReports reports = new BundleReports(nats);
  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();
  private String offer;
  private RuntimeProcess runtime;

  @BeforeEach
  void prepare() throws Exception {
    SignedBundle bundles = new SignedBundle(folder);
    Map<String, String> files = new HashMap<>();
    for (String name : List.of("edge-alert.camel.yaml", "edge-alert.test.yaml")) {
      files.put(name, Files.readString(Path.of("recipes", name)));
    }
    offer = bundles.offer(1, "nats://routes/1.zip", files);
    nats.connection()
        .objectStoreManagement()
        .create(ObjectStoreConfiguration.builder("routes").build());
    try (InputStream zip = Files.newInputStream(bundles.zip(1))) {
      nats.connection().objectStore("routes").put("1.zip", zip);
    }
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("COLLECT_PERIOD", "1s");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("ROUTES_TRUSTED_KEY", bundles.trusted());
    settings.put("ROUTES_PROBATION", "2s");
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
  }

  private void until(Callable<Boolean> condition) {
    try {
      await().atMost(Duration.ofSeconds(90)).ignoreExceptions().until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(String.join("\n", runtime.output()), e);
    }
  }

  private void usesTheOffer(SandboxCloud cloud, String gateway) throws Exception {
    settings.putAll(cloud.settings());
    settings.put("GATEWAYS", gateway);
    runtime = RuntimeProcess.start(settings);
    until(() -> reports.newest().path("phase").asText().equals("active"));
    assertThat(reports.newest().path("version").asInt()).isEqualTo(1);
    AtomicLong last = new AtomicLong();
    await("no more reports")
        .during(Duration.ofSeconds(4))
        .atMost(Duration.ofSeconds(20))
        .until(() -> last.getAndSet(reports.count()) == reports.count());
    assertThat(reports.newest().path("phase").asText()).isEqualTo("active");
    assertThat(nats.connection().jetStreamManagement().getConsumerNames("TELEMETRY"))
        .contains("edge-alert_edge-1");
  }

  @Test
  void aBrokerRetainsTheOffer() throws Exception {
    try (SandboxMqtt broker = new SandboxMqtt(folder.resolve("landed"))) {
      broker.start(0);
      broker.desire("edge-1", offer);
      usesTheOffer(broker, "mqtt");
    }
  }

  /** AWS answers each reported state with the delta, in which what has been reported is missing. */
  @Test
  void awsSendsTheDelta() throws Exception {
    Certificates make = new Certificates(Files.createDirectory(folder.resolve("pem")));
    try (SandboxAws aws = new SandboxAws(folder.resolve("aws"), make).start(0)) {
      aws.desire("edge-1", offer);
      usesTheOffer(aws, "aws");
    }
  }
}
