package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** Several gateways at once, each with only its settings and copied route files. */
@Tag("slow")
@Timeout(180)
class GatewayInstancesTest {
  private static final byte[] BINARY = {0, 1, (byte) 0xFF, (byte) 0xC3, 0x28, '{', 0};
  private static final String JSON = "{\"t\":71}";

  @RegisterExtension final NatsServer nats = new NatsServer();

  @TempDir Path folder;
  private final Map<String, List<Arrived>> arrived = new HashMap<>();
  private final List<SandboxBroker> brokers = new ArrayList<>();
  private final Map<String, String> settings = new HashMap<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void settings() throws IOException {
    settings.put("NATS_SERVERS", nats.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put(
        "ROUTES_DIRECTORY",
        RoutesYaml.copyTo(Files.createDirectory(folder.resolve("routes"))).toString());
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
    brokers.forEach(SandboxBroker::close);
  }

  private <B extends SandboxBroker> B started(String name, B broker) {
    List<Arrived> messages = new CopyOnWriteArrayList<>();
    arrived.put(name, messages);
    broker.listen(messages::add).start(0);
    brokers.add(broker);
    return broker;
  }

  private Certificates certificates(String name) throws IOException {
    return new Certificates(Files.createDirectory(folder.resolve(name)));
  }

  /** As the documentation describes it. */
  private void copyRouteFiles(String gateway, String copy) throws IOException {
    Path routes = Path.of(settings.get("ROUTES_DIRECTORY"));
    for (String name : List.of("gateway-%s", "commands-%s", "gateway-%s-inventory")) {
      Path file = routes.resolve(name.formatted(gateway) + ".camel.yaml");
      if (Files.exists(file)) {
        String text = Files.readString(file).replaceAll("\\b" + gateway + "\\b", copy);
        Files.writeString(routes.resolve(name.formatted(copy) + ".camel.yaml"), text);
      }
    }
  }

  private void start(String gateways) throws Exception {
    settings.put("GATEWAYS", gateways);
    runtime = RuntimeProcess.start(settings);
    until(() -> runtime.get("/health/ready").status() == 200);
  }

  private void until(Callable<Boolean> condition) throws Exception {
    try {
      await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100)).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          runtime.output() + "\n" + runtime.get("/api/gateways").body() + "\n" + arrived, e);
    }
  }

  private void publish(String subject, byte[] body) throws Exception {
    Connection bus = nats.connection();
    bus.jetStream().publish(subject, body);
  }

  private List<Arrived> of(String gateway, String kind) {
    return arrived.get(gateway).stream()
        .filter(message -> message.topic().contains("press") && message.topic().contains(kind))
        .toList();
  }

  private void aws(String name, String thing) throws IOException {
    SandboxAws aws = new SandboxAws(folder.resolve("landed-" + name), certificates(name), thing);
    started(name, aws);
    String prefix = name.toUpperCase().replace('-', '_') + "_";
    aws.settings().forEach((key, value) -> settings.put(key.replaceFirst("^AWS_", prefix), value));
  }

  @Test
  void forwardsToTwoBrokersAndTwoThingsAtOnce() throws Exception {
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + started("mqtt", new SandboxBroker()).port());
    settings.put("MQTT_IN_FLIGHT", "3");
    settings.put(
        "MQTT_PLANT_URL", "tcp://127.0.0.1:" + started("mqtt-plant", new SandboxBroker()).port());
    settings.put("MQTT_PLANT_TOPIC", "plant/{kind}/of/{device}");
    settings.put("MQTT_PLANT_USERNAME", "plant");
    aws("aws", "edge-1");
    aws("aws-eu", "edge-eu");
    copyRouteFiles("mqtt", "mqtt-plant");
    copyRouteFiles("aws", "aws-eu");
    start("mqtt, mqtt-plant , aws,aws-eu");

    publish("telemetry.edge-1.press1", JSON.getBytes(StandardCharsets.UTF_8));
    for (String gateway : arrived.keySet()) {
      until(() -> of(gateway, "press1").size() == 1);
      assertThat(of(gateway, "press1").get(0).text()).isEqualTo(JSON);
    }
    assertThat(of("mqtt", "").get(0).topic()).isEqualTo("devices/edge-1/press1");
    assertThat(of("mqtt-plant", "").get(0).topic()).isEqualTo("plant/press1/of/edge-1");
    assertThat(of("aws", "").get(0).topic()).isEqualTo("devices/edge-1/press1");
    assertThat(of("aws-eu", "").get(0).topic()).isEqualTo("devices/edge-eu/press1");

    List<String> names = new ArrayList<>();
    JsonNode rows = new ObjectMapper().readTree(runtime.get("/api/gateways").body());
    rows.forEach(row -> names.add(row.path("gateway").asText()));
    assertThat(names)
        .containsExactly(
            "gateway-aws",
            "gateway-aws-eu",
            "gateway-aws-eu-inventory",
            "gateway-aws-inventory",
            "gateway-mqtt",
            "gateway-mqtt-inventory",
            "gateway-mqtt-plant",
            "gateway-mqtt-plant-inventory");
    assertThat(runtime.get("/metrics").body())
        .contains("mqtt_connected{gateway=\"gateway-mqtt-plant\"} 1.0");
    assertThat(runtime.output()).noneMatch(line -> line.matches(".* (WARN|ERROR) .*"));
  }

  @Test
  void messagesOfOtherProgramsReachEveryCloudUnchanged() throws Exception {
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + started("mqtt", new SandboxBroker()).port());
    aws("aws", "edge-1");
    settings.putAll(
        started("azure", new SandboxAzure(folder.resolve("azure"), certificates("azure-tls")))
            .register("edge-1")
            .settings());
    settings.putAll(
        started("google", new SandboxGoogle(folder.resolve("google"), certificates("google-tls")))
            .register("edge-1")
            .settings());
    start("mqtt,aws,azure,google");

    publish("telemetry.edge-1.press1", JSON.getBytes(StandardCharsets.UTF_8));
    nats.connection()
        .jetStream()
        .publish(
            "telemetry.edge-1.press.raw-2",
            new Headers().put("Content-Type", "application/octet-stream").put("Nats-Msg-Id", "7"),
            BINARY);
    for (String gateway : arrived.keySet()) {
      until(() -> of(gateway, "press1").size() == 1 && of(gateway, "press.raw-2").size() == 1);
      assertThat(of(gateway, "press1").get(0).payload()).isEqualTo(JSON.getBytes());
      assertThat(of(gateway, "press.raw-2").get(0).payload()).isEqualTo(BINARY);
    }
    assertThat(of("mqtt", "raw").get(0).topic()).isEqualTo("devices/edge-1/press.raw-2");
    assertThat(of("mqtt", "raw").get(0).userProperties()).containsEntry("id", "7");
    assertThat(of("azure", "raw").get(0).topic())
        .contains("kind=press.raw-2", "$.ct=application%2Foctet-stream")
        .doesNotContain("$.ce=");
    assertThat(of("google", "raw").get(0).topic()).isEqualTo("/devices/edge-1/events/press.raw-2");
    assertThat(runtime.output()).noneMatch(line -> line.matches(".* (WARN|ERROR) .*"));
  }

  @Test
  void aMessageWithAnInvalidKindBecomesADeadLetterAndOthersPass() throws Exception {
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + started("mqtt", new SandboxBroker()).port());
    start("mqtt");
    publish("telemetry.edge-1.commands", "x".getBytes());
    try (Socket raw = new Socket("127.0.0.1", nats.port())) {
      raw.getOutputStream()
          .write("CONNECT {}\r\nPUB telemetry.edge-1.ä 2\r\n{}\r\nPING\r\n".getBytes("UTF-8"));
      InputStream in = raw.getInputStream();
      while (in.read() != 'P') {} // PONG: the message is stored
    }
    publish("telemetry.edge-1.press1", JSON.getBytes());
    until(() -> of("mqtt", "press1").size() == 1);
    until(() -> runtime.get("/api/gateways").body().contains("\"dead\":2"));
    assertThat(arrived.get("mqtt")).noneMatch(message -> message.topic().endsWith("commands"));
    assertThat(runtime.output())
        .anyMatch(
            line -> line.contains("telemetry.edge-1.commands") && line.contains("not allowed"));
  }

  @Test
  void rejectsTwoGatewaysWithTheSameClientIdAtOneBroker() throws Exception {
    settings.put("MQTT_URL", "tcp://127.0.0.1:1");
    settings.put("MQTT_PLANT_URL", "tcp://127.0.0.1:1");
    settings.put("GATEWAYS", "mqtt,mqtt-plant");
    runtime = RuntimeProcess.start(settings);
    assertThat(runtime.awaitExit()).isEqualTo(1);
    assertThat(runtime.output())
        .containsExactly(
            "cloud-iot-routes: gateways: mqtt and mqtt-plant both connect to 127.0.0.1:1 as edge-1;"
                + " each needs its own client id");
  }

  @Test
  void anEnabledGatewayWithoutARouteIsReportedAndNotReady() throws Exception {
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + started("mqtt", new SandboxBroker()).port());
    settings.put("MQTT_PLANT_URL", settings.get("MQTT_URL"));
    settings.put("MQTT_PLANT_CLIENT_ID", "edge-1-plant");
    settings.put("GATEWAYS", "mqtt,mqtt-plant");
    runtime = RuntimeProcess.start(settings);
    until(() -> runtime.get("/api/gateways").body().contains("no route"));
    assertThat(runtime.get("/health/ready").status()).isEqualTo(503);
    assertThat(runtime.get("/health/ready").body())
        .contains("no route forwards to it; add gateway-mqtt-plant.camel.yaml");
    until(() -> runtime.output().stream().anyMatch(line -> line.contains("names mqtt-plant, but")));
  }
}
