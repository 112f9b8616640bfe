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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
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
import routes.sandbox.SandboxCloud;
import routes.sandbox.SandboxClouds;

/**
 * Runs the containers of each manifest as processes with its environment and secrets, using
 * nats-server with nats.conf and the stand-in cloud, until a sample has arrived and a command has
 * been answered.
 */
@Tag("slow")
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

  /** Secrets by name, as created by the steps in a manifest's first lines. */
  private final Map<String, String> secrets = new HashMap<>();

  /** The values that a user must edit in a manifest, and those that only a stand-in needs. */
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

  /** A secret is named after its setting: aws-private-key for AWS_PRIVATE_KEY. */
  private void startCloud(String name) throws IOException {
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    SandboxCloud cloud = SandboxClouds.make(name, folder.resolve(name), certificates, DEVICE);
    cloud.open("localhost", 0, arrived::add);
    open.add(cloud);
    secrets.put("mqtt-password", "any");
    for (Map.Entry<String, String> setting : cloud.settings().entrySet()) {
      String value = setting.getValue();
      boolean file = value.startsWith("/");
      secrets.put(
          setting.getKey().toLowerCase(Locale.ROOT).replace('_', '-'),
          file ? Files.readString(Path.of(value)) : value);
      edits.put(setting.getKey(), value);
    }
    edits.remove("AWS_THING"); // the device's id
  }

  /** The value for a process on this machine in place of the container. */
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
    Set<String> fromSecret = new HashSet<>();
    for (JsonNode variable : container.get("env")) {
      String key = variable.get("name").asText();
      String value =
          variable.has("fromSecret")
              ? secret(variable.get("fromSecret").asText())
              : variable.get("value").asText();
      if (variable.has("fromSecret") || paths.containsKey(value)) {
        fromSecret.add(key);
      }
      environment.put(key, paths.getOrDefault(value, value));
    }
    assertThat(environment.replace("NATS_SERVERS", nats.url())).isEqualTo("nats://nats:4222");
    if (environment.containsKey("GATEWAYS")) {
      edits.forEach(
          (key, value) -> {
            if (!fromSecret.contains(key)) {
              environment.put(key, value);
            }
          });
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
