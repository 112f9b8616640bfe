package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import routes.Certificates;
import routes.NatsServer;
import routes.sandbox.Arrived;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/**
 * Runs the containers of each manifest as processes, with its environment and its secrets, against
 * nats-server with nats.conf and the stand-in cloud, until a sample has arrived and a command was
 * answered.
 */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class SynpseRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DEVICE = "edge-1";
  private static final String PASSWORD = "abcdefghijklmnopqrstuvwxyzABCDEF";

  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @TempDir Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

  /** Secrets by name, as the steps at a manifest's head make them. */
  private final Map<String, String> secrets = new HashMap<>();

  /** What somebody has to edit in a manifest, and what only a stand-in needs. */
  private final Map<String, String> edits = new HashMap<>();

  @BeforeEach
  void startNats() throws IOException {
    String configuration = Files.readString(Path.of("nats.conf"));
    secrets.put("nats-config", configuration);
    secrets.put("nats-password", PASSWORD);
    nats.configure(
        configuration
            .replaceAll("(?m)^ *(listen|store_dir|sync_interval):.*", "")
            .replace("$NATS_PASSWORD", PASSWORD));
    nats.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  static List<Path> manifests() throws IOException {
    return SynpseManifestTest.manifests();
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void aSampleArrives(Path manifest) throws Exception {
    startCloud(manifest.getFileName().toString().split("[-.]")[0]);
    List<RuntimeProcess> runtimes = new ArrayList<>();
    for (JsonNode container : Yaml.read(manifest).at("/spec/containers")) {
      if (!container.get("name").asText().equals("nats")) {
        RuntimeProcess runtime = RuntimeProcess.start(environment(container));
        open.add(runtime);
        runtimes.add(runtime);
      }
    }
    for (RuntimeProcess runtime : runtimes) {
      until(() -> runtime.get("/health/ready").status() == 200, runtime);
    }
    until(
        () -> arrived.stream().anyMatch(SynpseRunTest::isSample),
        runtimes.get(runtimes.size() - 1));
    JsonNode ping = JSON.readTree(request("commands." + DEVICE + ".ping"));
    assertThat(ping.path("deviceId").asText()).isEqualTo(DEVICE);
    for (RuntimeProcess runtime : runtimes) {
      assertThat(runtime.output())
          .noneMatch(line -> line.contains(" WARN ") || line.contains("ERROR"));
    }
    assertThat(nats.log()).doesNotContain("Violation", "authentication error");
  }

  private static boolean isSample(Arrived message) {
    try {
      JsonNode sample = JSON.readTree(message.payload());
      return sample.path("deviceId").asText().equals(DEVICE)
          && sample.at("/metrics/system/cpu/utilization").isNumber()
          && sample.at("/metrics/system/filesystem/usage").size() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void startCloud(String name) throws IOException {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    Path landed = folder.resolve(name);
    SandboxBroker cloud;
    switch (name) {
      case "azure" -> {
        SandboxAzure azure = new SandboxAzure(landed, certificates).register(DEVICE).start(0);
        edits.putAll(azure.settings());
        secrets.put("azure-connection-string", edits.remove("AZURE_CONNECTION_STRING"));
        cloud = azure;
      }
      case "aws" -> {
        SandboxAws aws = new SandboxAws(landed, certificates, DEVICE).start(0);
        edits.putAll(aws.settings());
        secrets.put("aws-certificate", Files.readString(Path.of(edits.remove("AWS_CERTIFICATE"))));
        secrets.put("aws-private-key", Files.readString(Path.of(edits.remove("AWS_PRIVATE_KEY"))));
        edits.remove("AWS_THING"); // the device's id
        cloud = aws;
      }
      case "google" -> {
        SandboxGoogle google = new SandboxGoogle(landed, certificates).register(DEVICE).start(0);
        edits.putAll(google.settings());
        secrets.put(
            "google-private-key", Files.readString(Path.of(edits.remove("GOOGLE_PRIVATE_KEY"))));
        cloud = google;
      }
      default -> {
        cloud = new SandboxBroker().start(0);
        secrets.put("mqtt-password", "any");
        edits.put("MQTT_URL", "tcp://127.0.0.1:" + cloud.port());
      }
    }
    cloud.listen(arrived::add);
    open.add(cloud);
  }

  /** Of a process on this machine in place of the container. */
  private Map<String, String> environment(JsonNode container) throws IOException {
    String name = container.get("name").asText();
    Map<String, String> paths = new LinkedHashMap<>();
    for (JsonNode secret : container.path("secrets")) {
      String path = secret.get("filepath").asText();
      Path file = Files.createTempFile(folder, name, "secret");
      paths.put(path, Files.writeString(file, secret(secret.get("name").asText())).toString());
    }
    for (JsonNode volume : container.path("volumes")) {
      String[] mount = volume.asText().split(":");
      paths.put(mount[1], mount[0]);
    }
    Map<String, String> environment = new HashMap<>();
    for (JsonNode variable : container.get("env")) {
      String value =
          variable.has("fromSecret")
              ? secret(variable.get("fromSecret").asText())
              : variable.get("value").asText();
      environment.put(variable.get("name").asText(), paths.getOrDefault(value, value));
    }
    assertThat(environment.replace("NATS_SERVERS", nats.url())).isEqualTo("nats://nats:4222");
    if (environment.containsKey("GATEWAYS")) {
      environment.putAll(edits);
    }
    environment.put("COLLECT_PERIOD", "500ms");
    environment.put("DATA_DIRECTORY", folder.resolve(name + "-data").toString());
    return environment;
  }

  private String secret(String name) {
    assertThat(secrets).containsKey(name);
    return secrets.get(name);
  }

  private byte[] request(String subject) throws Exception {
    return nats.connection(new Options.Builder().userInfo("routes", PASSWORD))
        .request(subject, new byte[0], Duration.ofSeconds(10))
        .getData();
  }

  private static void until(Callable<Boolean> condition, RuntimeProcess runtime) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(40))
        .failFast(() -> assertThat(runtime.process().isAlive()).as(runtime.output() + "").isTrue())
        .until(condition);
  }
}
