package routes.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.link.TestClients;

/** What {@code ./run} starts beside NATS and the runtime, and the console of the clouds. */
@Tag("slow")
@Timeout(120)
class SandboxCloudsTest {
  private static final byte[] BINARY = {0, (byte) 0xff, (byte) 0xc3, '{', 10, 0};

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private PrintStream console;
  private SandboxClouds clouds;

  @BeforeEach
  void start() throws Exception {
    console = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    clouds = new SandboxClouds(folder, "edge-1");
  }

  @AfterEach
  void stop() {
    clouds.close();
    System.setOut(console);
  }

  private static List<String> names() {
    return SandboxClouds.ALL.stream().map(SandboxClouds.StandIn::name).toList();
  }

  private HttpResponse<String> post(String path) throws Exception {
    URI uri = URI.create(clouds.settings().get("SANDBOX_URL") + path);
    HttpRequest request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("{}")).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  @Test
  void startsEachStandInAndPrintsItsAddressAndSettings() {
    assertThat(clouds.settings()).containsEntry("GATEWAYS", String.join(",", names()));
    for (String name : names()) {
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .containsPattern("  " + name + " +(ssl|tcp)://");
      assertThat(clouds.settings().keySet())
          .as("settings of " + name)
          .anyMatch(key -> key.startsWith(name.toUpperCase() + "_"));
    }
  }

  @Test
  void theConsoleKnowsEachCloudThatSendsCommands() throws Exception {
    assertThat(clouds.names()).isEqualTo(names());
    for (String name : names()) {
      HttpResponse<String> reply = post("/" + name + "/command/ping");
      assertThat(reply.statusCode()).as(reply.body()).isEqualTo(502);
      assertThat(reply.body()).contains("edge-1");
      assertThat(post("/" + name + "/desired").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void reportsAnUnknownCloudWithTheKnownOnes() throws Exception {
    HttpResponse<String> reply = post("/nimbus/command/ping");
    assertThat(reply.statusCode()).isEqualTo(404);
    assertThat(reply.body())
        .isEqualTo("unknown cloud \"nimbus\"; clouds are " + String.join(", ", names()));
  }

  @Test
  void watchesTheAwsDeviceWithoutDisconnectingIt() throws Exception {
    MqttClient device = aws("edge-1", "AWS_CERTIFICATE", "AWS_PRIVATE_KEY");
    MqttClient watcher = aws("watch-1", "SANDBOX_AWS_CERTIFICATE", "SANDBOX_AWS_PRIVATE_KEY");
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    IMqttMessageListener listener = (topic, message) -> received.add(topic + " " + message);
    watcher.subscribe(
        new MqttSubscription[] {new MqttSubscription("devices/edge-1/#", 1)},
        new IMqttMessageListener[] {listener});
    device.publish("devices/edge-1/press1", "{}".getBytes(), 1, false);
    assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("devices/edge-1/press1 {}");
    watcher.publish("devices/edge-1/press2", "[]".getBytes(), 1, false);
    assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("devices/edge-1/press2 []");
    assertThat(device.isConnected()).isTrue();
    for (MqttClient client : List.of(device, watcher)) {
      client.disconnect();
      client.close();
    }
    assertThatThrownBy(() -> aws("edge-1", "SANDBOX_AWS_CERTIFICATE", "SANDBOX_AWS_PRIVATE_KEY"))
        .isInstanceOf(MqttException.class);
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("aws     refused: the client id edge-1: not allowed by the certificate's policy");
  }

  private MqttClient aws(String id, String certificate, String key) throws MqttException {
    Map<String, String> settings = clouds.settings();
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setSocketFactory(
        TestClients.tls(settings.get("AWS_ROOT_CA"), settings.get(certificate), settings.get(key))
            .get()
            .getSocketFactory());
    String url = "ssl://" + settings.get("AWS_ENDPOINT");
    MqttClient client = new MqttClient(url, id, new MemoryPersistence());
    client.connect(options);
    return client;
  }

  @Test
  void streamsArrivingMessages() throws Exception {
    for (String name : names()) {
      assertThat(clouds.settings())
          .containsKey("SANDBOX_" + name.toUpperCase(Locale.ROOT) + "_MESSAGES");
    }
    URI uri = URI.create(clouds.settings().get("SANDBOX_MQTT_MESSAGES"));
    HttpResponse<InputStream> view =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(view.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).as("the stream has started").isEmpty();
      MqttClient client =
          new MqttClient(clouds.settings().get("MQTT_URL"), "plc", new MemoryPersistence());
      client.connect();
      client.publish("t", "{\"n\":1}".getBytes(), 1, false);
      client.publish("t", "text".getBytes(), 1, false);
      client.publish("t", BINARY, 1, false);
      client.disconnect();
      client.close();
      ObjectMapper json = new ObjectMapper();
      JsonNode first = json.readTree(lines.readLine());
      assertThat(first.path("client").asText() + first.path("topic").asText()).isEqualTo("plct");
      assertThat(first.at("/payload/n").asInt()).isEqualTo(1);
      assertThat(json.readTree(lines.readLine()).path("payload").asText()).isEqualTo("text");
      assertThat(json.readTree(lines.readLine()).path("base64").binaryValue()).isEqualTo(BINARY);
    }
  }

  @Test
  void theBrokerRecordsAnyKindAndPayloadUnchangedAndPrintsALine() throws Exception {
    MqttClient client =
        new MqttClient(clouds.settings().get("MQTT_URL"), "plc", new MemoryPersistence());
    client.connect();
    MqttMessage binary = new MqttMessage(BINARY, 1, false, new MqttProperties());
    binary.getProperties().setContentType("application/octet-stream");
    client.publish("devices/edge-1/line-2.press_1", binary);
    client.publish("devices/edge-1/press1", "{\"t\":71}".getBytes(), 1, false);
    client.disconnect();
    client.close();

    List<String> lines = Files.readAllLines(folder.resolve("mqtt/messages.jsonl"));
    assertThat(lines).hasSize(2);
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    assertThat(first.path("topic").asText()).isEqualTo("devices/edge-1/line-2.press_1");
    assertThat(first.path("contentType").asText()).isEqualTo("application/octet-stream");
    assertThat(first.path("payload").binaryValue()).isEqualTo(BINARY);
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    assertThat(second.path("payload").binaryValue()).asString().isEqualTo("{\"t\":71}");
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .containsPattern("mqtt +devices/edge-1/line-2.press_1  6 bytes  hex 00ffc37b0a00\n")
        .containsPattern("mqtt +devices/edge-1/press1  8 bytes  \\{\"t\":71}\n");
  }
}
