package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.ObjectStore;
import io.nats.client.Subscription;
import io.nats.client.api.ObjectStoreConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
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
import routes.sandbox.aws.SandboxAws;

/** Bundles of routes that a cloud offers, with the runtime as a process and a real NATS. */
@Tag("slow")
@Timeout(300)
class RolloutTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension final NatsServer nats = new NatsServer();
  private final BundleReports reports = new BundleReports(nats);
  @TempDir Path folder;

  private SignedBundle bundles;
  private ObjectStore store;
  private RuntimeProcess runtime;

  @BeforeEach
  void start() throws Exception {
    bundles = new SignedBundle(folder);
    nats.connection()
        .objectStoreManagement()
        .create(ObjectStoreConfiguration.builder("routes").build());
    store = nats.connection().objectStore("routes");
    runtime = run();
    until(() -> runtime.get("/health/ready").status() == 200);
  }

  private RuntimeProcess run() throws IOException {
    return run(Map.of());
  }

  private RuntimeProcess run(Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("GATEWAYS", "none");
    settings.put("COLLECT_PERIOD", "500ms");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("ROUTES_TRUSTED_KEY", bundles.trusted());
    settings.put("ROUTES_PROBATION", "4s");
    settings.put("COMMANDS_ALLOW", "diagnose");
    settings.putAll(more);
    return RuntimeProcess.start(settings);
  }

  @AfterEach
  void stop() {
    runtime.close();
  }

  private void until(Callable<Boolean> condition) {
    try {
      await().atMost(Duration.ofSeconds(90)).ignoreExceptions().until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(String.join("\n", runtime.output()), e);
    }
  }

  /** A route that publishes a text twice per second. */
  private static String route(String id, String text) {
    return """
        - route:
            id: %s
            from:
              uri: timer
              parameters: {timerName: %s, delay: 100, period: 500, includeMetadata: false}
              steps:
                - setBody: {expression: {simple: {expression: "%s"}}}
                - to: {uri: nats, parameters: {topic: bundle.out, connection: "#nats"}}
        """
        .formatted(id, id, text);
  }

  private String offer(int version, Map<String, String> files) throws Exception {
    String offer = bundles.offer(version, "nats://routes/" + version + ".zip", files);
    try (InputStream zip = Files.newInputStream(bundles.zip(version))) {
      store.put(version + ".zip", zip);
    }
    send(offer);
    return offer;
  }

  private void send(String desired) {
    nats.connection().publish("desired.edge-1", desired.getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode untilPhase(int version, String phase) throws Exception {
    until(
        () ->
            reports.newest().path("version").asInt() == version
                && reports.newest().path("phase").asText().equals(phase));
    return reports.newest();
  }

  private void untilError(String error) {
    until(() -> reports.newest().path("error").asText().equals(error));
  }

  private String output() throws Exception {
    Subscription subscription = nats.connection().subscribe("bundle.out");
    try {
      return new String(subscription.nextMessage(Duration.ofSeconds(30)).getData());
    } finally {
      subscription.unsubscribe();
    }
  }

  @Test
  void aBundleIsUsedReplacedAndSurvivesARestart() throws Exception {
    offer(
        1,
        Map.of(
            "plant.camel.yaml",
            route("plant", "one {{plant.word}}"),
            "settings.properties",
            "plant.word = dolphin"));
    assertThat(untilPhase(1, "active").path("current").asInt()).isEqualTo(1);
    assertThat(output()).isEqualTo("one dolphin");
    long samples = samples();

    offer(2, Map.of("plant.camel.yaml", route("plant", "two")));
    untilPhase(2, "active");
    assertThat(output()).isEqualTo("two");
    assertThat(samples()).as("samples go on").isGreaterThan(samples + 4);

    runtime.close();
    runtime = run();
    until(() -> runtime.get("/health/ready").status() == 200);
    assertThat(output()).isEqualTo("two");
    assertThat(runtime.output()).anyMatch(line -> line.endsWith(", bundle version 2"));
    assertThat(
            nats.connection()
                .request("commands.edge-1.diagnose", null, Duration.ofSeconds(10))
                .getData())
        .asString()
        .contains("\"bundle\":2,");
    try (var files = Files.list(folder.resolve("data/bundles"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("1", "2", "state.json", "trusted-key");
    }
  }

  private long samples() throws Exception {
    return nats.connection()
        .jetStreamManagement()
        .getStreamInfo("TELEMETRY")
        .getStreamState()
        .getLastSequence();
  }

  @Test
  void aBundleThatFailsInServiceIsRolledBack() throws Exception {
    offer(1, Map.of("plant.camel.yaml", route("plant", "one")));
    untilPhase(1, "active");
    String failing = route("plant", "${body.missing()}");
    offer(2, Map.of("plant.camel.yaml", failing));
    JsonNode report = untilPhase(2, "rolled-back");
    assertThat(report.path("current").asInt()).isEqualTo(1);
    assertThat(report.path("error").asText()).contains("route plant failed with each of ");
    assertThat(output()).isEqualTo("one");

    send(bundles.offer(2, "nats://routes/2.zip", Map.of("plant.camel.yaml", failing)));
    assertThat(untilPhase(2, "rolled-back").path("current").asInt()).isEqualTo(1);

    offer(3, Map.of("plant.camel.yaml", route("plant", "three")));
    untilPhase(3, "active");
    assertThat(output()).isEqualTo("three");
  }

  @Test
  void aBundleThatPreventsTheStartIsLeftAfterThreeStarts() throws Exception {
    offer(1, Map.of("plant.camel.yaml", route("plant", "one")));
    untilPhase(1, "active");
    offer(2, Map.of("plant.camel.yaml", route("plant", "two")));
    untilPhase(2, "active");
    runtime.close();
    Files.writeString(folder.resolve("data/bundles/2/plant.camel.yaml"), "- route: {id: 1");
    for (int start = 0; start < 3; start++) {
      runtime = run();
      assertThat(runtime.awaitExit()).as(runtime.output().toString()).isEqualTo(1);
    }
    runtime = run();
    until(() -> runtime.get("/health/ready").status() == 200);
    assertThat(output()).isEqualTo("one");
    assertThat(untilPhase(2, "rolled-back").path("error").asText())
        .isEqualTo("the runtime did not start 3 times with version 2");
  }

  @Test
  void anInvalidBundleChangesNothing() throws Exception {
    offer(4, Map.of("plant.camel.yaml", route("plant", "four")));
    untilPhase(4, "active");

    offer(5, Map.of("plant.camel.yaml", route("plant", "five").replace("setBody", "setBoby")));
    assertThat(untilPhase(5, "rejected").path("error").asText())
        .matches("plant.camel.yaml:\\d+: .*setBoby.*");

    offer(6, Map.of("collect-metrics.camel.yaml", route("collect-metrics", "mine")));
    assertThat(untilPhase(6, "rejected").path("error").asText())
        .startsWith("collect-metrics.camel.yaml: the device has a file with this name in ");

    offer(7, Map.of("mine.camel.yaml", route("collect-metrics", "mine")));
    assertThat(untilPhase(7, "rejected").path("error").asText())
        .contains("duplicate route id collect-metrics");

    String test =
        """
        cases:
          - name: says nine
            input: [tick]
            expect:
              nats:bundle.out:
                - body: nine
        """;
    String eighth =
        offer(8, Map.of("plant.camel.yaml", route("plant", "eight"), "plant.test.yaml", test));
    assertThat(untilPhase(8, "rejected").path("error").asText()).contains("plant.test.yaml");

    send(bundles.offer(3, "nats://routes/3.zip", Map.of()));
    untilError("an offer was rejected: version 3 is older than version 8; use a higher one");
    SignedBundle stranger = new SignedBundle(Files.createDirectory(folder.resolve("stranger")));
    send(stranger.offer(9, "nats://routes/9.zip", Map.of()));
    untilError("an offer was rejected: not signed with the key in routes.trusted-key");
    send("{\"routes\":{\"version\":9}}");
    untilError("an offer was rejected: routes.sha256 must have 64 hexadecimal digits");
    send("{\"routes\":null}");
    until(() -> reports.newest().path("error").asText().contains("plant.test.yaml"));
    send("{\"routes\":{\"version\":9}}");
    untilError("an offer was rejected: routes.sha256 must have 64 hexadecimal digits");
    send(eighth);
    until(() -> reports.newest().path("error").asText().contains("plant.test.yaml"));
    assertThat(reports.newest().path("version").asInt())
        .as("the highest that was signed")
        .isEqualTo(8);

    assertThat(reports.newest().path("current").asInt()).isEqualTo(4);
    assertThat(output()).isEqualTo("four");
    offer(9, Map.of());
    assertThat(untilPhase(9, "active").path("current").asInt()).isEqualTo(9);
  }

  @Test
  void aMissingObjectStoreIsNamed() throws Exception {
    send(bundles.offer(1, "nats://nowhere/1.zip", Map.of()));
    untilError(
        "nats://nowhere/1.zip cannot be downloaded: no such object store or object; create it with:"
            + " nats object add nowhere");
  }

  /** routes.include selects the device's own files, and must not hide a bundle's from the check. */
  @Test
  void aBundleIsCheckedWhateverTheDeviceIncludes() throws Exception {
    runtime.close();
    runtime = run(Map.of("ROUTES_INCLUDE", "collect-*,serve-*,on-error"));
    until(() -> runtime.get("/health/ready").status() == 200);
    offer(1, Map.of("plant.camel.yaml", route("plant", "one").replace("setBody", "setBoby")));
    assertThat(untilPhase(1, "rejected").path("error").asText())
        .matches("plant.camel.yaml:\\d+: .*setBoby.*");
    offer(2, Map.of("plant.camel.yaml", route("plant", "two")));
    untilPhase(2, "active");
    assertThat(output()).isEqualTo("two");
  }

  @Test
  void anotherKeyLeavesTheBundlesOfTheFormer() throws Exception {
    offer(Integer.MAX_VALUE, Map.of("plant.camel.yaml", route("plant", "one")));
    untilPhase(Integer.MAX_VALUE, "active");
    runtime.close();
    bundles = new SignedBundle(Files.createDirectory(folder.resolve("next")));
    runtime = run();
    untilPhase(0, "none");
    offer(1, Map.of("plant.camel.yaml", route("plant", "two")));
    untilPhase(1, "active");
    assertThat(output()).isEqualTo("two");
  }

  /** AWS sends the delta after each reported state, and without what has been reported. */
  @Test
  void theShadowReportsEachStepOnce() throws Exception {
    runtime.close();
    try (SandboxAws cloud =
        new SandboxAws(folder.resolve("landed"), new Certificates(folder)).start(0)) {
      Map<String, String> aws = new HashMap<>(cloud.settings());
      aws.put("GATEWAYS", "aws");
      runtime = run(aws);
      until(() -> runtime.get("/health/ready").status() == 200);
      String offer =
          bundles.offer(
              1, "nats://routes/1.zip", Map.of("plant.camel.yaml", route("plant", "one")));
      try (InputStream zip = Files.newInputStream(bundles.zip(1))) {
        store.put("1.zip", zip);
      }
      cloud.desire("edge-1", offer);
      until(
          () ->
              JSON.readTree(cloud.shadow("edge-1"))
                  .at("/reported/bundle/phase")
                  .asText()
                  .equals("active"));
      long before = reports.count();
      Thread.sleep(3000);
      assertThat(reports.count()).as("no endless exchange").isEqualTo(before);
    }
  }
}
