package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** No log, page or error contains a secret, whether the login succeeds or fails. */
@Tag("slow")
@Timeout(180)
class SecretsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String DEVICE = "edge-1";
  private static final String MQTT_PASSWORD = "correct-horse-battery";
  private static final List<String> GATEWAYS = List.of("azure", "aws", "google", "mqtt");
  private static final List<String> PAGES =
      List.of(
          "/",
          "/metrics",
          "/health",
          "/health/ready",
          "/api/gateways",
          "/api/sample",
          "/api/history?metric=system.cpu.utilization");

  /** Secrets created at run time: SAS signatures and the JWTs of Google and NATS. */
  private static final List<Pattern> MADE =
      List.of(
          Pattern.compile("SharedAccessSignature"),
          Pattern.compile("sig=[A-Za-z0-9%+/]{20}"),
          Pattern.compile("eyJ[A-Za-z0-9_-]{10}"),
          Pattern.compile("PRIVATE KEY"));

  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @TempDir Path folder;

  private final NatsOperator operator = new NatsOperator();
  private final MeanBroker broker = new MeanBroker();
  private final Map<String, String> settings = new HashMap<>();
  private final Set<String> secrets = new TreeSet<>();
  private List<SandboxCloud> clouds;
  private RuntimeProcess runtime;

  @BeforeEach
  void start() throws Exception {
    nats.configure(operator.configuration());
    nats.start();
    Certificates certificates = new Certificates(Files.createDirectory(folder.resolve("pem")));
    clouds =
        List.of(
            new SandboxAzure(folder.resolve("azure"), certificates).register(DEVICE).start(0),
            new SandboxAws(folder.resolve("aws"), certificates).start(0),
            new SandboxGoogle(folder.resolve("google"), certificates).register(DEVICE).start(0));
    broker.start(0);
    clouds.forEach(cloud -> settings.putAll(cloud.settings()));
    settings.put("GATEWAYS", String.join(",", GATEWAYS));
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    settings.put("MQTT_USERNAME", "edge");
    settings.put("DEVICE_ID", DEVICE);
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "500ms");
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
    clouds.forEach(SandboxCloud::close);
    broker.close();
  }

  @ParameterizedTest
  @CsvSource({"true, info", "true, debug", "false, info", "false, debug"})
  void secretsAreNeverPrinted(boolean right, String level) throws Exception {
    givenCredentials(right);
    settings.put("LOG_LEVEL", level);
    runtime = RuntimeProcess.start(settings);
    for (String gateway : GATEWAYS) {
      until(() -> state("gateway-" + gateway).equals(right ? "connected" : "refused"));
    }
    until(() -> right == !runtime.get("/health/ready").body().contains("nats.credentials"));
    StringBuilder everything = new StringBuilder();
    for (String page : PAGES) {
      everything.append(runtime.get(page).body()).append('\n');
    }
    runtime.close();
    everything.append(String.join("\n", runtime.output()));
    for (String secret : secrets) {
      assertThat(everything.indexOf(secret))
          .as("a secret in: " + around(everything, secret))
          .isNegative();
    }
    for (Pattern made : MADE) {
      assertThat(made.matcher(everything).results().map(found -> found.group()).distinct())
          .as(made.pattern())
          .isEmpty();
    }
  }

  private static String around(StringBuilder text, String secret) {
    int at = text.indexOf(secret);
    return at < 0 ? "" : text.substring(Math.max(0, at - 150), at);
  }

  private void givenCredentials(boolean right) throws Exception {
    String connection = settings.remove("AZURE_CONNECTION_STRING");
    if (!right) {
      connection =
          connection.replaceFirst(
              "SharedAccessKey=.*", "SharedAccessKey=" + "d3Jvbmc0".repeat(5) + "d3I=");
      Certificates strangers = new Certificates(Files.createDirectory(folder.resolve("strangers")));
      Certificates.Identity stranger = strangers.client(DEVICE, Certificates.rsa());
      settings.put("AWS_CERTIFICATE", strangers.write(stranger.certificate()).toString());
      settings.put(
          "AWS_PRIVATE_KEY", strangers.writePkcs8(stranger.keys().getPrivate()).toString());
      settings.put(
          "GOOGLE_PRIVATE_KEY", strangers.writePkcs8(Certificates.ec().getPrivate()).toString());
      broker.connectAnswer = SandboxBroker.BAD_USER_NAME_OR_PASSWORD;
    }
    secrets.add(connection.replaceFirst(".*SharedAccessKey=", ""));
    secrets.add(MQTT_PASSWORD);
    settings.put("AZURE_CONNECTION_STRING_FILE", file("connection-string", connection));
    // One secret is in the environment itself, which Camel would log.
    settings.put("MQTT_PASSWORD", MQTT_PASSWORD);
    String user = (right ? operator : new NatsOperator()).user(DEVICE);
    settings.put("NATS_CREDENTIALS", file("creds", user));
    for (String key : List.of("AWS_PRIVATE_KEY", "GOOGLE_PRIVATE_KEY", "NATS_CREDENTIALS")) {
      Files.readAllLines(Path.of(settings.get(key))).stream()
          .filter(line -> line.length() >= 40 && !line.contains(" "))
          .filter(line -> !line.startsWith("***"))
          .forEach(secrets::add);
    }
    assertThat(secrets).hasSizeGreaterThan(6);
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content + "\n").toString();
  }

  private String state(String gateway) throws Exception {
    for (JsonNode each : JSON.readTree(runtime.get("/api/gateways").body())) {
      if (each.path("gateway").asText().equals(gateway)) {
        return each.path("state").asText();
      }
    }
    return "";
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).ignoreExceptions().until(condition);
  }
}
