package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Dispatcher;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** The whole runtime as a separate process, with the gateways of all clouds. */
@Tag("slow")
@Timeout(120)
class EndToEndCloudsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String DEVICE = "edge-1";

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private SandboxAzure azure;
  private SandboxAws aws;
  private SandboxGoogle google;
  private SandboxBroker broker;
  private List<SandboxCloud> clouds;
  private final Map<String, String> settings = new HashMap<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void startClouds() throws IOException {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    azure =
        new SandboxAzure(folder.resolve("azure"), certificates)
            .withBatchTime(Duration.ofMillis(200))
            .register(DEVICE)
            .start(0);
    aws = new SandboxAws(folder.resolve("aws"), certificates).start(0);
    google = new SandboxGoogle(folder.resolve("google"), certificates).register(DEVICE).start(0);
    broker = new SandboxBroker().start(0);
    clouds = List.of(azure, aws, google);
    clouds.forEach(cloud -> settings.putAll(cloud.settings()));
    settings.put("GATEWAYS", "azure,aws,google,mqtt");
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    settings.put("DEVICE_ID", DEVICE);
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "500ms");
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("RECONNECT_MAX", "1s");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
      assertThat(runtime.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
    }
    clouds.forEach(SandboxCloud::close);
    broker.close();
  }

  private void givenRuntime() throws IOException {
    runtime = RuntimeProcess.start(settings);
  }

  private void until(Callable<Boolean> condition) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(100)).until(condition);
  }

  private JsonNode gateway(String id) throws Exception {
    RuntimeProcess.Answer answer = runtime.get("/api/gateways");
    if (answer.status() != 200) {
      return JSON.missingNode(); // it is starting
    }
    for (JsonNode gateway : JSON.readTree(answer.body())) {
      if (gateway.path("gateway").asText().equals(id)) {
        return gateway;
      }
    }
    return JSON.missingNode();
  }

  /** All files that a cloud has written. */
  private String landed(String cloud) throws IOException {
    Path files = folder.resolve(cloud);
    if (!Files.exists(files)) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    try (Stream<Path> found = Files.walk(files)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file)).append('\n');
      }
    }
    return text.toString();
  }

  @Test
  void aSampleReachesEveryCloud() throws Exception {
    givenRuntime();
    until(() -> runtime.get("/health/ready").status() == 200);
    String id = JSON.readTree(runtime.get("/api/sample").body()).path("id").asText();
    until(() -> landed("azure").contains(id) && landed("aws").contains(id));
    // Google's payloads are base64, as Pub/Sub stores them. They are only counted here; the
    // gateway's test reads them.
    until(() -> landed("google").lines().filter(line -> line.contains("publishTime")).count() > 3);
    until(() -> gateway("gateway-mqtt").path("delivered").asLong() > 3);
    for (String gateway : List.of("azure", "aws", "google", "mqtt")) {
      assertThat(gateway("gateway-" + gateway).path("state").asText()).isEqualTo("connected");
      assertThat(gateway("gateway-" + gateway).path("refused").asLong()).isZero();
    }
    until(() -> gateway("gateway-azure-inventory").path("delivered").asLong() == 1);
    until(() -> aws.shadow(DEVICE).contains("reported"));
    until(() -> azure.reported(DEVICE).size() > 1);
  }

  @Test
  void answersCommandsOfEachCloud() throws Exception {
    givenRuntime();
    until(() -> runtime.get("/health/ready").status() == 200);
    for (SandboxCloud cloud : clouds) {
      SandboxCloud.Reply ping = cloud.command(DEVICE, "ping", "").get(60, TimeUnit.SECONDS);
      assertThat(ping.status()).as(cloud.name()).isEqualTo(200);
      assertThat(ping.payload()).contains("\"deviceId\":\"edge-1\"");
      SandboxCloud.Reply sample = cloud.command(DEVICE, "sample", "{}").get(60, TimeUnit.SECONDS);
      assertThat(sample.payload()).as(cloud.name()).contains("\"utilization\"");
      SandboxCloud.Reply other = cloud.command(DEVICE, "reboot", "{}").get(60, TimeUnit.SECONDS);
      assertThat(other.status()).as(cloud.name()).isEqualTo(403);
    }
    assertThat(runtime.get("/metrics").body())
        .contains("command_requests_total{name=\"ping\",status=\"200\"} 3.0")
        .contains("command_requests_total{name=\"other\",status=\"403\"} 3.0");
  }

  @Test
  void answersHangingCommandsWithoutDelayingOthers() throws Exception {
    settings.put("COMMANDS_ALLOW", "ping,hang");
    settings.put("COMMANDS_TIMEOUT", "5s");
    nats.connection().createDispatcher(request -> {}).subscribe("commands." + DEVICE + ".hang");
    givenRuntime();
    until(() -> runtime.get("/health/ready").status() == 200);
    List<CompletableFuture<SandboxCloud.Reply>> hanging = new ArrayList<>();
    for (SandboxCloud cloud : clouds) {
      for (int i = 0; i < 40; i++) {
        hanging.add(cloud.command(DEVICE, "hang", "{}"));
      }
    }
    for (CompletableFuture<SandboxCloud.Reply> each : hanging) {
      assertThat(each.get(60, TimeUnit.SECONDS).status()).isIn(503, 504);
    }
    for (SandboxCloud cloud : clouds) {
      assertThat(cloud.command(DEVICE, "ping", "").get(60, TimeUnit.SECONDS).status())
          .isEqualTo(200);
    }
    assertThat(aws.discarded).hasValue(0);
  }

  @Test
  void desiredStateOfEachCloudReachesTheBus() throws Exception {
    List<String> desired = new CopyOnWriteArrayList<>();
    Dispatcher dispatcher =
        nats.connection()
            .createDispatcher(
                message -> desired.add(new String(message.getData(), StandardCharsets.UTF_8)));
    dispatcher.subscribe("desired." + DEVICE);
    givenRuntime();
    until(() -> runtime.get("/health/ready").status() == 200);
    azure.desire(DEVICE, "{\"azureFan\":1}");
    aws.desire(DEVICE, "{\"awsFan\":2}");
    google.desire(DEVICE, "{\"googleFan\":3}");
    until(() -> Stream.of("azure", "aws", "google").allMatch(n -> has(desired, n + "Fan")));
  }

  private static boolean has(List<String> desired, String text) {
    return desired.stream().anyMatch(json -> json.contains(text));
  }

  @Test
  void distinguishesARefusedCredentialFromAnUnreachableCloud() throws Exception {
    String wrong = "d3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nMTI=";
    settings.compute(
        "AZURE_CONNECTION_STRING",
        (key, right) -> right.replaceFirst("SharedAccessKey=.*", "SharedAccessKey=" + wrong));
    Certificates strangers = new Certificates(Files.createDirectory(folder.resolve("strangers")));
    Certificates.Identity stranger = strangers.client(DEVICE, Certificates.rsa());
    settings.put("AWS_CERTIFICATE", strangers.write(stranger.certificate()).toString());
    settings.put("AWS_PRIVATE_KEY", strangers.writePkcs8(stranger.keys().getPrivate()).toString());
    settings.put(
        "GOOGLE_PRIVATE_KEY", strangers.writePkcs8(Certificates.ec().getPrivate()).toString());
    broker.close();
    givenRuntime();
    for (String cloud : List.of("azure", "aws", "google")) {
      until(() -> gateway("gateway-" + cloud).path("state").asText().equals("refused"));
    }
    until(() -> gateway("gateway-mqtt").path("state").asText().equals("unreachable"));
    RuntimeProcess.Answer ready = runtime.get("/health/ready");
    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.body())
        .contains("refused: not authorized (azure.connection-string, and this device's clock)")
        .contains("aws.certificate")
        .contains("google.private-key");
  }
}
