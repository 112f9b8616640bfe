package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nats.client.Message;
import io.nats.client.Subscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxCloud;
import routes.sandbox.SandboxMqtt;

/**
 * Commands and desired states from brokers, and inventories for them, with Mosquitto's own clients.
 */
@Tag("slow")
@Timeout(180)
class CommandsMqttTest {
  private static final Path REQUEST = Path.of("/usr/bin/mosquitto_rr");
  private static final Path SUBSCRIBE = Path.of("/usr/bin/mosquitto_sub");
  private static final Path PUBLISH = Path.of("/usr/bin/mosquitto_pub");
  private static final String FILTER = "cmd/{{device.id}}/+";

  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();
  @RegisterExtension final Mosquitto plant = new Mosquitto();
  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();
  private final List<Process> clients = new ArrayList<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Files.isExecutable(REQUEST), "mosquitto_rr isn't installed: mosquitto-clients");
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("COMMANDS_ALLOW", "ping,turn");
    settings.put("GATEWAYS", "mqtt");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put(
        "ROUTES_DIRECTORY",
        RoutesYaml.copyTo(Files.createDirectory(folder.resolve("routes"))).toString());
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
    clients.forEach(Process::destroyForcibly);
  }

  private void start() throws Exception {
    runtime = RuntimeProcess.start(settings);
    until(() -> runtime.get("/health/ready").status() == 200 || !runtime.process().isAlive());
    assertThat(runtime.process().isAlive()).as(runtime.output().toString()).isTrue();
  }

  private void until(Callable<Boolean> condition) throws Exception {
    try {
      await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100)).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(runtime.output() + "\n" + runtime.get("/health/ready"), e);
    }
  }

  private Process client(Path program, int port, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-p", "" + port));
    command.addAll(List.of(arguments));
    Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
    clients.add(client);
    return client;
  }

  /** What the program printed; it must end by itself. */
  private static String output(Process client) throws Exception {
    String text = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(client.waitFor(60, TimeUnit.SECONDS)).as(text).isTrue();
    return text.strip();
  }

  private String request(int port, String name, String payload, String response) throws Exception {
    String topic = "cmd/edge-1/" + name;
    return output(
        client(REQUEST, port, "-V", "5", "-t", topic, "-e", response, "-m", payload, "-W", "30"));
  }

  private String retained(int port, String version, String topic) throws Exception {
    return output(
        client(SUBSCRIBE, port, "-V", version, "-t", topic, "-C", "1", "-F", "%r %p", "-W", "30"));
  }

  @Test
  void mosquittoSendsCommandsAndRetainsTheInventory() throws Exception {
    nats.start();
    mosquitto.start();
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + mosquitto.port());
    settings.put("MQTT_COMMANDS", FILTER);
    start();
    int port = mosquitto.port();
    assertThat(request(port, "ping", "{}", "cmd/edge-1/ping/reply"))
        .startsWith("{\"deviceId\":\"edge-1\"");
    assertThat(request(port, "ping", "{}", "cmd/edge-1/replies/7")).contains("edge-1");
    assertThat(request(port, "reboot", "{}", "cmd/edge-1/reboot/reply"))
        .startsWith("{\"status\":403,");
    assertThat(request(port, "turn", "no json", "cmd/edge-1/turn/reply"))
        .startsWith("{\"status\":400,");
    until(() -> retained(port, "5", "devices/edge-1/inventory").startsWith("1 {"));
    assertThat(runtime.output()).noneMatch(line -> line.matches(".* (WARN|ERROR) .*"));
  }

  @Test
  void commandsWaitAtTheBrokerForADisconnectedDevice() throws Exception {
    nats.start();
    mosquitto.start();
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + mosquitto.port());
    settings.put("MQTT_COMMANDS", FILTER);
    start();
    runtime.close();
    Process reply =
        client(SUBSCRIBE, mosquitto.port(), "-t", "cmd/edge-1/ping/reply", "-C", "1", "-W", "60");
    output(client(PUBLISH, mosquitto.port(), "-t", "cmd/edge-1/ping", "-q", "1", "-m", "{}"));
    start();
    assertThat(output(reply)).contains("edge-1");
  }

  /** MQTT 3.1.1 has neither response topic nor correlation data. */
  @Test
  void natsServerIsABrokerForMqtt311() throws Exception {
    int port = Ports.free();
    nats.configure("server_name: test\nmqtt { host: 127.0.0.1, port: " + port + " }\n");
    nats.start();
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + port);
    settings.put("MQTT_COMMANDS", FILTER);
    start();
    Process reply =
        client(SUBSCRIBE, port, "-V", "311", "-t", "cmd/edge-1/+/reply", "-C", "1", "-W", "60");
    // Without a way to see the subscription: commands go out until a reply has arrived.
    until(
        () -> {
          output(
              client(PUBLISH, port, "-V", "311", "-t", "cmd/edge-1/ping", "-q", "1", "-m", "{}"));
          return !reply.isAlive();
        });
    assertThat(output(reply)).startsWith("{\"deviceId\":\"edge-1\"");
    until(() -> retained(port, "311", "devices/edge-1/inventory").startsWith("1 {"));
  }

  @Test
  void secondBrokerHasItsOwnCommands() throws Exception {
    nats.start();
    mosquitto.start();
    plant.start();
    Path routes = Path.of(settings.get("ROUTES_DIRECTORY"));
    for (String name : List.of("gateway-%s", "commands-%s", "gateway-%s-inventory")) {
      String text = Files.readString(routes.resolve(name.formatted("mqtt") + ".camel.yaml"));
      Files.writeString(
          routes.resolve(name.formatted("mqtt-plant") + ".camel.yaml"),
          text.replaceAll("\\bmqtt\\b", "mqtt-plant"));
    }
    settings.put("GATEWAYS", "mqtt,mqtt-plant");
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + mosquitto.port());
    settings.put("MQTT_PLANT_URL", "tcp://127.0.0.1:" + plant.port());
    settings.put("MQTT_PLANT_COMMANDS", "plant/{{device.id}}/+");
    settings.put("MQTT_PLANT_DESIRED", "desired/{{device.id}}");
    Subscription desired = nats.connection().subscribe("desired.edge-1");
    retain(mosquitto.port(), "{\"fan\":1}");
    retain(plant.port(), "{\"fan\":2}");
    start();
    assertThat(next(desired)).isEqualTo("{\"fan\":2}");
    String reply =
        output(
            client(
                REQUEST,
                plant.port(),
                "-t",
                "plant/edge-1/ping",
                "-e",
                "plant/edge-1/ping/reply",
                "-m",
                "{}",
                "-W",
                "30"));
    assertThat(reply).startsWith("{\"deviceId\":\"edge-1\"");
    until(() -> retained(plant.port(), "5", "devices/edge-1/inventory").startsWith("1 {"));
    until(() -> retained(mosquitto.port(), "5", "devices/edge-1/inventory").startsWith("1 {"));
    assertThat(runtime.output())
        .anyMatch(line -> line.contains("commands-mqtt-plant - ping: 200"))
        .noneMatch(line -> line.contains("commands-mqtt -"));
    assertThat(desired.nextMessage(Duration.ofMillis(100))).as("of the other broker").isNull();
  }

  private void retain(int port, String desired) throws Exception {
    output(client(PUBLISH, port, "-r", "-q", "1", "-t", "desired/edge-1", "-m", desired));
  }

  private static String next(Subscription subscription) throws InterruptedException {
    Message message = subscription.nextMessage(Duration.ofSeconds(60));
    return new String(message.getData(), StandardCharsets.UTF_8);
  }

  @Test
  void theDesiredStateArrivesAfterEachConnectAndEachChange() throws Exception {
    nats.start();
    mosquitto.start();
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + mosquitto.port());
    settings.put("MQTT_DESIRED", "desired/{{device.id}}");
    Subscription desired = nats.connection().subscribe("desired.edge-1");
    retain(mosquitto.port(), "{\"fan\":1}");
    start();
    assertThat(next(desired)).isEqualTo("{\"fan\":1}");
    retain(mosquitto.port(), "{\"fan\":2}");
    assertThat(next(desired)).isEqualTo("{\"fan\":2}");
    runtime.close();
    start();
    assertThat(next(desired)).isEqualTo("{\"fan\":2}");
    assertThat(runtime.output()).noneMatch(line -> line.matches(".* (WARN|ERROR) .*"));
  }

  @Test
  void standInSendsCommands() throws Exception {
    nats.start();
    try (SandboxMqtt broker = new SandboxMqtt(folder.resolve("landed"))) {
      broker.start(0);
      settings.putAll(broker.settings());
      start();
      SandboxCloud.Reply ping = broker.command("edge-1", "ping", "").get(60, TimeUnit.SECONDS);
      assertThat(ping.status()).isEqualTo(200);
      SandboxCloud.Reply other = broker.command("edge-1", "reboot", "").get(60, TimeUnit.SECONDS);
      assertThat(other.status()).isEqualTo(403);
      Subscription desired = nats.connection().subscribe("desired.edge-1");
      nats.connection().flush(Duration.ofSeconds(5));
      broker.desire("edge-1", "{\"fan\":1}");
      assertThat(next(desired)).isEqualTo("{\"fan\":1}");
    }
  }
}
