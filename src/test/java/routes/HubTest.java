package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.Arrived;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;
import routes.sandbox.SandboxClouds;
import routes.sandbox.aws.SandboxAws;

/** A gateway that forwards the telemetry of every device. The hub's own device is hub-1. */
@Timeout(180)
class HubTest {
  private static final List<String> DEVICES = List.of("edge-1", "press-7", "hub-1");

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void prepare() throws IOException {
    Path routes = Files.createDirectory(folder.resolve("routes"));
    RoutesYaml.copyTo(routes, "(on-error|serve-.*)\\.camel\\.yaml");
    settings.put("DEVICE_ID", "hub-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("ROUTES_DIRECTORY", routes.toString());
    settings.put("RECONNECT_MAX", "1s");
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
  }

  private void copy(Path file) throws IOException {
    Files.copy(file, Path.of(settings.get("ROUTES_DIRECTORY")).resolve(file.getFileName()));
  }

  private void start(String gateway) throws Exception {
    settings.put("GATEWAYS", gateway);
    copy(Path.of("recipes/gateway-" + gateway + ".camel.yaml"));
    runtime = RuntimeProcess.start(settings);
    until(() -> runtime.get("/health/ready").status() == 200);
  }

  private void until(Callable<Boolean> condition) throws Exception {
    try {
      await().atMost(Duration.ofSeconds(60)).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(runtime.output() + "\n" + runtime.get("/api/gateways"), e);
    }
  }

  private void publishOfEachDevice() throws Exception {
    for (String device : DEVICES) {
      nats.connection()
          .jetStream()
          .publish(
              NatsMessage.builder()
                  .subject("telemetry." + device + ".press1")
                  .headers(new Headers().put("Nats-Msg-Id", device + "-42"))
                  .data(device.getBytes(StandardCharsets.UTF_8))
                  .build());
    }
  }

  private void expectEachDevice() throws Exception {
    until(() -> arrived.size() == DEVICES.size());
    for (String device : DEVICES) {
      Arrived message =
          arrived.stream().filter(each -> each.text().equals(device)).findFirst().orElseThrow();
      assertThat(message.topic()).isEqualTo("devices/" + device + "/press1");
      assertThat(message.userProperties())
          .containsEntry("device", device)
          .containsEntry("id", device + "-42");
    }
  }

  @Test
  void brokerReceivesEachDeviceOnItsOwnTopic() throws Exception {
    try (SandboxBroker broker = new SandboxBroker()) {
      broker.listen(arrived::add).start(0);
      settings.put("MQTT_HUB_URL", "tcp://127.0.0.1:" + broker.port());
      start("mqtt-hub");
      publishOfEachDevice();
      expectEachDevice();

      nats.connection().publish("telemetry.press-7.commands", "{}".getBytes());
      until(() -> runtime.get("/api/gateways").body().contains("\"dead\":1"));
      String subject = nats.connection().jetStreamManagement().getMessage("DEAD", 1).getSubject();
      assertThat(subject).isEqualTo("dead.gateway-mqtt-hub.press-7");
      assertThat(runtime.get("/metrics").body())
          .contains("gateway=\"gateway-mqtt-hub\"")
          .doesNotContain("press-7");
    }
  }

  @Test
  void awsReceivesEachDeviceUnderTheHubsPolicy() throws Exception {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    try (SandboxAws cloud = new SandboxAws(folder.resolve("landed"), certificates)) {
      cloud.listen(arrived::add).start(0);
      Certificates.Identity hub = certificates.client("hub-1", Certificates.rsa());
      String policy = SandboxAws.policy(Path.of("docs/aws-policy.json"));
      // as cloud/aws/setup --hub does
      cloud.register(
          hub.certificate(),
          policy.replace("/devices/${iot:Connection.Thing.ThingName}/*", "/devices/*"),
          "hub-1");
      settings.put("AWS_HUB_ENDPOINT", cloud.settings().get("AWS_ENDPOINT"));
      settings.put("AWS_HUB_ROOT_CA", cloud.settings().get("AWS_ROOT_CA"));
      settings.put("AWS_HUB_CERTIFICATE", certificates.write(hub.certificate()).toString());
      settings.put(
          "AWS_HUB_PRIVATE_KEY", certificates.writePkcs8(hub.keys().getPrivate()).toString());
      start("aws-hub");
      publishOfEachDevice();
      expectEachDevice();
      assertThat(cloud.refusals()).isEmpty();

      cloud.register(hub.certificate(), policy, "hub-1");
      nats.connection().jetStream().publish("telemetry.press-7.press1", "{}".getBytes());
      until(() -> !cloud.refusals().isEmpty());
      assertThat(cloud.refusals().get(0)).contains("devices/press-7/press1: not allowed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"azure", "google"})
  void refusesAHubWhereOneIdentityIsOneDevice(String kind) throws Exception {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    try (SandboxCloud cloud = SandboxClouds.make(kind, folder, certificates, "hub-1")) {
      cloud.open("localhost", 0, arrived::add);
      settings.putAll(cloud.settings());
    }
    settings.put("GATEWAYS", kind);
    String name = "gateway-" + kind + ".camel.yaml";
    String text = Files.readString(Path.of("routes-yaml", name));
    Path hub = Path.of(settings.get("ROUTES_DIRECTORY"), name);
    Files.writeString(hub, text.replace("telemetry.{{device.id}}.>", "telemetry.*.>"));
    for (String[] words : new String[][] {{}, {"check"}}) {
      runtime = RuntimeProcess.start(settings, words);
      assertThat(runtime.awaitExit()).as(runtime.output().toString()).isEqualTo(1);
      assertThat(runtime.output())
          .filteredOn(line -> line.contains("several devices"))
          .singleElement()
          .asString()
          .contains(
              name,
              "topic: \"telemetry.*.>\" has messages of several devices, but "
                  + kind
                  + " can send for only one: ",
              "use telemetry.{{device.id}}.>, or a gateway of kind aws, mqtt or pubsub as the hub");
    }
  }
}
