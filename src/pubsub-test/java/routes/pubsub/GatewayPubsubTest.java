package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.cache.Cache;
import com.google.pubsub.v1.PubsubMessage;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nats.client.JetStream;
import io.nats.client.impl.Headers;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.camel.CamelContext;
import org.apache.camel.component.google.pubsub.GooglePubsubComponent;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.Main;
import org.apache.camel.spi.RouteController;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.BareMain;
import routes.EdgeRuntime;
import routes.NatsServer;
import routes.sandbox.SandboxPubsub;
import routes.uplink.Gateways;
import routes.web.GatewayStatus;

/** The gateway's route file with Camel's stock endpoint and the bus. */
@Timeout(120)
class GatewayPubsubTest {
  private static final String TOPIC = "projects/my-project/topics/metrics";

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path landed;

  private final Main main = BareMain.of(EdgeRuntime.class);
  private SandboxPubsub cloud;
  private int next;

  /**
   * With the option endpoint, Camel never closes its channels, and grpc logs many warnings about
   * it.
   */
  private static final Logger ORPHANS =
      Logger.getLogger("io.grpc.internal.ManagedChannelOrphanWrapper");

  @BeforeEach
  void startCloud() {
    ORPHANS.setLevel(Level.OFF);
    cloud = new SandboxPubsub(landed).addTopic(TOPIC).start(0);
  }

  @AfterEach
  void stop() {
    main.stop();
    main.shutdown();
    cloud.close();
  }

  private static ConditionFactory soon() {
    return await().pollInterval(Duration.ofMillis(50)).atMost(Duration.ofSeconds(60));
  }

  private void startGateway(String... settings) {
    set("camel.component.google-pubsub.endpoint=127.0.0.1:" + cloud.port());
    set("camel.component.google-pubsub.authenticate=false");
    startWith(settings);
  }

  private void startWith(String... settings) {
    for (String setting :
        List.of(
            "gateways=pubsub",
            "nats.servers=" + nats.url(),
            "device.labels=site=berlin",
            "pubsub.project=my-project",
            "pubsub.topic=metrics",
            "reconnect.min=100ms",
            "reconnect.max=500ms",
            "camel.main.routes-include-pattern=file:routes-yaml/gateway-pubsub.camel.yaml,"
                + "file:routes-yaml/on-error.camel.yaml")) {
      set(setting);
    }
    List.of(settings).forEach(this::set);
    BareMain.withGateways(main);
    main.bind("metricsRegistry", new SimpleMeterRegistry());
    main.start();
    soon()
        .ignoreExceptions()
        .until(() -> nats.connection().jetStreamManagement().getStreamInfo("TELEMETRY") != null);
  }

  private void set(String setting) {
    int equals = setting.indexOf('=');
    main.addOverrideProperty(setting.substring(0, equals), setting.substring(equals + 1));
  }

  /** Puts samples on the bus and returns their ids. */
  private Set<String> publish(int count) throws Exception {
    JetStream stream = nats.connection().jetStream();
    Set<String> ids = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      String id = "id-" + next++;
      Headers headers = new Headers().add("Nats-Msg-Id", id).add("goog-header", "x");
      stream.publish("telemetry.edge-1.metrics", headers, sample(id));
      ids.add(id);
    }
    return ids;
  }

  /** Longer than 1000 bytes, like samples. The client combines shorter ones. */
  private static byte[] sample(String id) {
    String padding = "x".repeat(1000);
    return ("{\"id\":\"" + id + "\",\"padding\":\"" + padding + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private Set<String> arrived() {
    Set<String> ids = new TreeSet<>();
    cloud.messages().forEach(message -> ids.add(message.getAttributesOrThrow("id")));
    return ids;
  }

  private Map<String, Object> status() {
    return new GatewayStatus(main.getCamelContext()).status().get(0);
  }

  private HealthCheck.Result readiness() {
    CamelContext context = main.getCamelContext();
    return HealthCheckRegistry.get(context)
        .getCheck("gateway-pubsub")
        .orElseThrow()
        .callReadiness();
  }

  @Test
  void deliversASampleWithItsAttributes() throws Exception {
    startGateway();
    publish(1);
    soon().until(() -> cloud.messages().size() == 1);
    PubsubMessage message = cloud.messages().get(0);
    assertThat(message.getData().toByteArray()).isEqualTo(sample("id-0"));
    assertThat(message.getAttributesMap())
        .isEqualTo(
            Map.of(
                "id", "id-0",
                "deviceId", "edge-1",
                "kind", "metrics",
                "contentType", "application/json",
                "site", "berlin"));
    assertThat(message.getOrderingKey()).isEmpty();
    JsonNode line = new ObjectMapper().readTree(Files.readString(landed.resolve("metrics.jsonl")));
    assertThat(line.at("/attributes/deviceId").asText()).isEqualTo("edge-1");
    assertThat(line.path("data").binaryValue()).asString().startsWith("{\"id\":\"id-0\"");
    soon().until(() -> status().get("delivered").equals(1L));
    assertThat(status()).containsEntry("connected", true).containsEntry("refused", 0L);
    assertThat(readiness().getState()).isEqualTo(HealthCheck.State.UP);
  }

  @Test
  void aHubNamesEachDevice() throws Exception {
    Path hub = landed.resolve("gateway-pubsub.camel.yaml");
    String route = Files.readString(Path.of("routes-yaml/gateway-pubsub.camel.yaml"));
    Files.writeString(hub, route.replace("telemetry.{{device.id}}.>", "telemetry.*.>"));
    startGateway(
        "camel.main.routes-include-pattern=file:" + hub + ",file:routes-yaml/on-error.camel.yaml");
    for (String device : List.of("edge-1", "press-7")) {
      nats.connection().jetStream().publish("telemetry." + device + ".press1", sample(device));
    }
    soon().until(() -> cloud.messages().size() == 2);
    assertThat(cloud.messages())
        .extracting(message -> message.getAttributesMap().get("deviceId"))
        .containsExactlyInAnyOrder("edge-1", "press-7");
  }

  @Test
  void anEmulatorNeedsOneSetting() throws Exception {
    cloud.authorization = header -> header == null;
    startWith("pubsub.endpoint=http://127.0.0.1:" + cloud.port());
    Set<String> ids = publish(3);
    soon().until(() -> arrived().equals(ids));
    soon().until(() -> Long.valueOf(0).equals(status().get("backlog")));
    assertThat(status()).containsEntry("connected", true);
  }

  @Test
  void aRestartedRouteContinues() throws Exception {
    startGateway();
    Set<String> ids = publish(1);
    soon().until(() -> arrived().equals(ids));
    RouteController routes = main.getCamelContext().getRouteController();
    routes.stopRoute("gateway-pubsub");
    ids.addAll(publish(2));
    routes.startRoute("gateway-pubsub");
    soon().until(() -> arrived().equals(ids));
    cloud.answer = message -> Status.UNAVAILABLE;
    ids.addAll(publish(2));
    soon().until(() -> status().get("connected").equals(false));
    cloud.answer = message -> Status.OK;
    soon().until(() -> arrived().equals(ids));
    soon().until(() -> status().get("connected").equals(true));
    Gateways.of(main.getCamelContext()).all().iterator().next().pool().execute(() -> {});
  }

  @Test
  void acceptsSpecialCharactersInATopicName() throws Exception {
    String topic = "m-._~9+a";
    cloud.addTopic("projects/my-project/topics/" + topic);
    startGateway("pubsub.topic=" + topic);
    publish(1);
    soon().until(() -> cloud.messages().size() == 1);
  }

  @Test
  void losesAndRefusesNothingDuringAnOutage() throws Exception {
    startGateway();
    Set<String> ids = publish(3);
    soon().until(() -> arrived().equals(ids));
    int port = cloud.port();
    cloud.close();
    ids.addAll(publish(5));
    soon().until(() -> status().get("connected").equals(false));
    ids.addAll(publish(5));
    assertThat(readiness().getState()).isEqualTo(HealthCheck.State.DOWN);
    assertThat(readiness().getMessage().orElseThrow())
        .contains("unreachable: ")
        .contains("127.0.0.1:" + port);
    cloud.start(port);
    soon().until(() -> arrived().equals(ids));
    soon().until(() -> Long.valueOf(0).equals(status().get("backlog")));
    assertThat(status())
        .containsEntry("connected", true)
        .containsEntry("reconnects", 1L)
        .containsEntry("refused", 0L)
        .containsEntry("drops", 0L);
  }

  @Test
  void reportsAnUnknownTopicWithoutBlamingMessages() throws Exception {
    startGateway("pubsub.topic=nowhere");
    Set<String> ids = publish(3);
    soon().until(() -> status().get("connected").equals(false));
    assertThat(readiness().getMessage().orElseThrow())
        .isEqualTo("pubsub.topic: does not exist: Resource not found (resource=nowhere).");
    cloud.addTopic("projects/my-project/topics/nowhere");
    soon().until(() -> arrived().equals(ids));
    soon().until(() -> Long.valueOf(0).equals(status().get("backlog")));
    assertThat(status()).containsEntry("connected", true).containsEntry("refused", 0L);
  }

  @Test
  void reportsAMissingPermissionWithoutBlamingMessages() throws Exception {
    cloud.answer =
        message -> Status.PERMISSION_DENIED.withDescription("User not authorized to perform this.");
    startGateway();
    Set<String> ids = publish(3);
    soon().until(() -> status().get("connected").equals(false));
    assertThat(readiness().getMessage().orElseThrow())
        .isEqualTo(
            "pubsub.service-account-key: lacks the role roles/pubsub.publisher:"
                + " User not authorized to perform this.");
    cloud.answer = message -> Status.OK;
    soon().until(() -> arrived().equals(ids));
    assertThat(status()).containsEntry("refused", 0L);
  }

  @Test
  void aRefusedMessageDoesNotStopTheRest() throws Exception {
    cloud.answer =
        message ->
            message.getAttributesOrThrow("id").equals("id-1")
                ? Status.INVALID_ARGUMENT.withDescription("Malformed.")
                : Status.OK;
    startGateway();
    publish(4);
    soon().until(() -> arrived().equals(Set.of("id-0", "id-2", "id-3")));
    soon().until(() -> (long) status().get("refused") >= 1);
    assertThat(status()).containsEntry("connected", true).containsEntry("delivered", 3L);
  }

  @Test
  void aSlowCloudReceivesEachSampleOnce() throws Exception {
    cloud.delay = Duration.ofMillis(1500);
    startGateway("pubsub.in-flight=16");
    Set<String> ids = publish(40);
    soon().until(() -> status().get("delivered").equals(40L));
    assertThat(arrived()).isEqualTo(ids);
    assertThat(cloud.messages()).hasSize(40);
  }

  @Test
  void losesAndRefusesNothingWhenCamelClosesThePublisher() throws Exception {
    cloud.delay = Duration.ofMillis(5);
    startGateway();
    Set<String> ids = publish(300);
    Cache<?, ?> publishers = publishers();
    soon()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              publishers.invalidateAll(); // like Camel after 180 s
              ids.addAll(publish(20));
              return ids.size() > 1500;
            });
    soon().until(() -> arrived().equals(ids));
    soon().until(() -> Long.valueOf(0).equals(status().get("backlog")));
    assertThat(status()).containsEntry("connected", true).containsEntry("refused", 0L);
  }

  private Cache<?, ?> publishers() throws ReflectiveOperationException {
    GooglePubsubComponent component =
        main.getCamelContext().getComponent("google-pubsub", GooglePubsubComponent.class);
    Field cache = GooglePubsubComponent.class.getDeclaredField("cachedPublishers");
    cache.setAccessible(true);
    return (Cache<?, ?>) cache.get(component);
  }
}
