package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/**
 * Commands and desired states are neither lost nor run twice while NATS, the broker and the runtime
 * are stopped and killed. A real Mosquitto stands in for AWS IoT Core.
 */
@Tag("slow")
@Timeout(120)
class DownlinkTest {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String COMMAND = "cmd/edge-1/turn";

  @RegisterExtension final NatsServer nats = new NatsServer();
  @RegisterExtension final Mosquitto mosquitto = new Mosquitto();
  @TempDir Path folder;

  private final int plain = Ports.free();
  private final Map<String, String> settings = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> replies = new CopyOnWriteArrayList<>();
  private final List<String> desired = new CopyOnWriteArrayList<>();
  private volatile boolean answering = true;
  private volatile Message last;
  private MqttClient cloud;
  private RuntimeProcess runtime;

  @BeforeEach
  void prepare() throws Exception {
    Certificates make = new Certificates(folder);
    Certificates.Identity server = make.server("localhost", Certificates.ec());
    Certificates.Identity device = make.client("edge-1", Certificates.ec());
    mosquitto.start(
        "certfile " + make.write(server.certificate()),
        "keyfile " + make.writePkcs8(server.keys().getPrivate()),
        "persistence true",
        "persistence_location " + folder + "/",
        "autosave_on_changes true",
        "autosave_interval 1",
        "listener " + plain + " 127.0.0.1");
    connectCloud();
    settings.put("GATEWAYS", "aws");
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "1h");
    settings.put("COMMANDS_ALLOW", "*");
    settings.put("RECONNECT_MAX", "1s");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("AWS_ENDPOINT", "localhost:" + mosquitto.port());
    settings.put("AWS_ROOT_CA", make.write(make.ca().certificate()).toString());
    settings.put("AWS_CERTIFICATE", make.write(device.certificate()).toString());
    settings.put("AWS_PRIVATE_KEY", make.writePkcs8(device.keys().getPrivate()).toString());
    listen();
  }

  private void connectCloud() throws Exception {
    cloud = new MqttClient("tcp://127.0.0.1:" + plain, "cloud", new MemoryPersistence());
    cloud.setCallback(
        new Arrivals(
            message ->
                replies.add(
                    message.getProperties().getUserProperties().get(0).getValue()
                        + " "
                        + new String(message.getPayload(), StandardCharsets.UTF_8))));
    // The session survives, so replies wait for it while the broker restarts.
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(false);
    options.setSessionExpiryInterval(600L);
    cloud.connect(options);
    cloud.subscribe(COMMAND + "/reply", 1);
  }

  /** Paho's callback with one method. */
  private record Arrivals(Consumer<MqttMessage> arrived) implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      arrived.accept(message);
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverURI) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }

  /** Programs on the device. */
  private void listen() throws Exception {
    Connection bus = nats.connection();
    Dispatcher programs =
        bus.createDispatcher(
            request -> {
              last = request;
              asked.add(text(request));
              if (answering) {
                // Uses a new connection, because a reconnected jnats connection sometimes sends
                // nothing.
                nats.connection().publish(request.getReplyTo(), "\"turned\"".getBytes());
              }
            });
    programs.subscribe("commands.edge-1.turn");
    bus.createDispatcher(state -> desired.add(text(state))).subscribe("desired.edge-1");
    bus.flush(Duration.ofSeconds(5));
  }

  private static String text(Message message) {
    return new String(message.getData(), StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() throws Exception {
    if (runtime != null) {
      runtime.close();
    }
    cloud.disconnectForcibly(0, 100, false);
    cloud.close(true);
  }

  private void startRuntime() throws Exception {
    runtime = RuntimeProcess.start(settings);
    connected();
  }

  private void connected() {
    until(() -> runtime.output().stream().anyMatch(l -> l.contains("gateway-aws - connected to")));
  }

  private void kill() {
    runtime.process().destroyForcibly().onExit().join();
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).until(condition);
  }

  private void send(String topic, String payload, boolean retain) throws Exception {
    cloud.publish(topic, payload.getBytes(), 1, retain);
  }

  private void command(String payload) throws Exception {
    send(COMMAND, payload, false);
  }

  /** When this command is answered, everything sent before has been handled. */
  private void settle(String mark) throws Exception {
    command("\"" + mark + "\"");
    until(() -> asked.contains("\"" + mark + "\""));
  }

  private void awayFromNats() {
    until(() -> runtime.output().stream().anyMatch(l -> l.contains("disconnected from NATS")));
  }

  @Test
  void desiredStatesWaitForNatsInOrder() throws Exception {
    nats.stop();
    send(
        "$aws/things/edge-1/shadow/get/accepted",
        "{\"state\":{\"desired\":{\"fan\":1},\"delta\":{\"fan\":1}},\"version\":3}",
        true);
    startRuntime();
    send("$aws/things/edge-1/shadow/update/delta", "{\"state\":{\"fan\":2}}", false);
    nats.start();
    until(() -> desired.size() == 2);
    nats.stop();
    awayFromNats();
    for (int fan = 3; fan <= 20; fan++) {
      send("$aws/things/edge-1/shadow/update/delta", "{\"state\":{\"fan\":" + fan + "}}", false);
    }
    nats.start();
    until(() -> desired.contains("{\"fan\":20}"));
    // The bus may have stored a message whose acknowledgement got lost with the connection.
    List<String> once = desired.stream().distinct().toList();
    assertThat(once).hasSize(20);
    for (int fan = 1; fan <= 20; fan++) {
      assertThat(once.get(fan - 1)).isEqualTo("{\"fan\":" + fan + "}");
    }
  }

  @Test
  void commandsWaitForNatsAndRunOnceInOrder() throws Exception {
    startRuntime();
    settle("before");
    nats.stop();
    awayFromNats();
    command("1");
    command("2");
    command("3");
    nats.start();
    until(() -> replies.size() == 4);
    settle("after");
    assertThat(asked).containsExactly("\"before\"", "1", "2", "3", "\"after\"");
    assertThat(replies).allMatch("200 \"turned\""::equals);
  }

  @Test
  void aCommandWaitsWhileTheRuntimeIsStopped() throws Exception {
    startRuntime();
    settle("before");
    runtime.close();
    command("1");
    startRuntime();
    until(() -> replies.size() == 2);
    settle("after");
    assertThat(asked).containsExactly("\"before\"", "1", "\"after\"");
  }

  @Test
  void aCommandWaitingForNatsSurvivesARestart() throws Exception {
    startRuntime();
    settle("before");
    nats.stop();
    awayFromNats();
    command("1");
    await().during(Duration.ofMillis(500)).until(() -> true); // it has arrived
    kill();
    startRuntime();
    nats.start();
    until(() -> replies.size() == 2);
    settle("after");
    assertThat(asked).containsExactly("\"before\"", "1", "\"after\"");
  }

  @Test
  void doesNotRunACommandAgainAfterBeingKilledDuringIt() throws Exception {
    startRuntime();
    settle("before");
    until(() -> replies.size() == 1);
    answering = false;
    command("1");
    until(() -> asked.contains("1"));
    kill();
    answering = true;
    startRuntime();
    until(() -> replies.size() == 2);
    assertThat(replies.get(1)).startsWith("500 ").contains("may have run");
    settle("after");
    assertThat(asked).containsExactly("\"before\"", "1", "\"after\"");
  }

  @Test
  void runsARetainedCommandOnce() throws Exception {
    send(COMMAND, "1", true);
    startRuntime();
    until(() -> replies.size() == 1);
    send(COMMAND, "2", true);
    until(() -> replies.size() == 2);
    runtime.close();
    startRuntime();
    settle("after");
    until(() -> replies.size() == 3);
    assertThat(asked).containsExactly("1", "2", "\"after\"");
  }

  @Test
  void aReplyWaitsForTheBroker() throws Exception {
    startRuntime();
    settle("before");
    until(() -> replies.size() == 1);
    answering = false;
    command("1");
    until(() -> asked.contains("1"));
    await().during(Duration.ofMillis(1500)).until(() -> true); // Mosquitto has saved its sessions
    mosquitto.kill();
    until(() -> runtime.output().stream().anyMatch(l -> l.contains("disconnected")));
    answerLate();
    mosquitto.restart();
    await().ignoreExceptions().atMost(SOON).until(this::cloudIsBack);
    until(() -> replies.contains("200 \"late\""));
    answering = true;
    settle("after");
    assertThat(asked).containsExactly("\"before\"", "1", "\"after\"");
  }

  private void answerLate() throws Exception {
    Connection bus = nats.connection();
    bus.publish(last.getReplyTo(), "\"late\"".getBytes());
  }

  private boolean cloudIsBack() throws Exception {
    connectCloud();
    return true;
  }
}
