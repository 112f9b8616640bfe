package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ObjectStoreConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.bundles.SignedBundle;
import routes.sandbox.Arrived;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxCloud;
import routes.sandbox.azure.SandboxAzure;
import routes.settings.Settings;
import routes.tls.TlsFiles;

/** docs/nats.conf gives each user exactly the permissions that the runtime needs. */
@Tag("slow")
@Timeout(300)
class NatsConfigurationTest {
  private static final Path FILE = Path.of("docs/nats.conf");
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final NatsServer nats = new NatsServer().awayAtFirst();
  @TempDir Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private Certificates make;
  private SandboxAzure azure;
  private Path ca;
  private Path certificate;
  private Path key;

  @BeforeEach
  void start() throws IOException {
    make = new Certificates(Files.createDirectory(folder.resolve("pem")));
    Certificates.Identity server = make.server("localhost", Certificates.ec());
    Certificates.Identity device = make.client("edge-1", Certificates.ec());
    ca = make.write(make.ca().certificate());
    certificate = make.write(device.certificate());
    key = make.writePkcs8(device.keys().getPrivate());
    nats.configure(
        Files.readString(FILE)
                .replaceFirst("listen: .*", "")
                .replaceFirst("store_dir: .*", "")
                .replace("/etc/nats/server.pem", make.write(server.certificate()).toString())
                .replace(
                    "/etc/nats/server.key", make.writePkcs8(server.keys().getPrivate()).toString())
                .replace("/etc/nats/ca.pem", ca.toString())
                .replace("verify: true", "verify: true, timeout: 30") // a loaded machine
            + "\ntrace: true\n");
    nats.start();
    azure =
        new SandboxAzure(folder.resolve("azure"), make)
            .withBatchTime(Duration.ofMillis(200))
            .register("edge-1")
            .start(0);
    open.add(azure);
    azure.listen(arrived::add);
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private Map<String, String> settings(String user) {
    Map<String, String> settings = new HashMap<>();
    settings.put("NATS_SERVERS", "tls://localhost:" + nats.port());
    settings.put("NATS_CA", ca.toString());
    settings.put("NATS_CERTIFICATE", certificate.toString());
    settings.put("NATS_PRIVATE_KEY", key.toString());
    settings.put("NATS_USERNAME", user);
    settings.put("NATS_PASSWORD", "CHANGE-" + user);
    return settings;
  }

  /** Runs as one of the users, with the route files whose names match. */
  private RuntimeProcess runtime(String user, String routes, String gateways, String... more)
      throws IOException {
    Path directory = RoutesYaml.copyTo(Files.createTempDirectory(folder, user), routes);
    if (user.equals("routes") && routes.equals(".*")) {
      alert(directory);
    }
    Map<String, String> settings = settings(user);
    settings.putAll(azure.settings());
    settings.put("GATEWAYS", gateways);
    settings.put("DEVICE_ID", "edge-1");
    settings.put("COLLECT_PERIOD", "500ms");
    settings.put("ROUTES_DIRECTORY", directory.toString());
    settings.put("DATA_DIRECTORY", folder.resolve(user + "-data").toString());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    RuntimeProcess runtime = RuntimeProcess.start(settings);
    open.add(runtime);
    return runtime;
  }

  /** A route whose alert fires at once and therefore stores a state. */
  private static void alert(Path directory) throws IOException {
    String name = "edge-alert.camel.yaml";
    String recipe = Files.readString(Path.of("recipes", name));
    Files.writeString(
        directory.resolve(name),
        recipe.replace("above: 0.9", "above: -1").replace("clear: 0.7", "").replace("5m", "0s"));
  }

  @Test
  void userRoutesHasExactlyTheRequiredPermissions() throws Exception {
    SignedBundle bundles = new SignedBundle(Files.createDirectory(folder.resolve("bundles")));
    RuntimeProcess runtime =
        runtime(
            "routes",
            ".*",
            "azure",
            "REPLICA_ID",
            "a",
            "ROUTES_TRUSTED_KEY",
            bundles.trusted(),
            "ROUTES_PROBATION",
            "1s");
    until(() -> runtime.get("/health/ready").status() == 200 && !arrived.isEmpty());
    offer(bundles);
    until(() -> azure.reported("edge-1").path("bundle").path("phase").asText().equals("active"));
    until(() -> azure.reported("edge-1").size() > 0);
    SandboxCloud.Reply ping = azure.command("edge-1", "ping", "{}").get(60, TimeUnit.SECONDS);
    assertThat(ping.status()).isEqualTo(200);
    azure.desire("edge-1", "{\"fan\":1}");
    until(() -> done("H?PUB").contains("desired.edge-1"));
    runtime.close();
    RuntimeProcess second =
        runtime("routes", ".*", "azure", "BUS_MAX_AGE", "6d", "DEAD_AFTER", "2", "REPLICA_ID", "a");
    until(() -> second.output().stream().anyMatch(line -> line.contains("keeps 256MB for 7d")));
    try (Connection connection = connect("routes")) {
      connection.publish("telemetry.edge-1.metrics", new byte[300_000]); // the hub accepts 256 KB
      until(() -> second.get("/api/gateways").body().contains("\"dead\":1"));
    }
    assertThat(dead("list")).contains("gateway-azure");
    assertThat(dead("show", "1")).contains("Dead-Subject: telemetry.edge-1.metrics");
    assertThat(dead("replay", "1")).contains("replayed 1");
    until(() -> second.get("/api/gateways").body().contains("\"dead\":2"));
    assertThat(dead("drop", "2")).contains("dropped 2");
    assertThat(subcommand("consumers")).contains("gateway-azure_edge-1");
    until(() -> done("H?PUB").stream().anyMatch(subject -> subject.startsWith("processes.")));
    assertThat(nats.log()).doesNotContain("Violation");
    assertThat(second.output()).noneMatch(line -> line.contains("may not "));
    // A lease is read only while another replica holds it.
    assertThat(unused("publish", done("H?PUB")))
        .isSubsetOf("$JS.API.DIRECT.GET.KV_edge-replicas.>");
    assertThat(unused("subscribe", done("SUB"))).isEmpty();
  }

  /** Offers a bundle in an object store, of which NATS sends a part and waits for permission. */
  private void offer(SignedBundle bundles) throws Exception {
    byte[] noise = new byte[3_400_000];
    new Random(1).nextBytes(noise);
    String large = "# " + Base64.getEncoder().encodeToString(noise);
    Map<String, String> files = Map.of("settings.properties", large);
    String desired = bundles.offer(1, "nats://routes/1.zip", files);
    try (Connection admin = connect("admin");
        InputStream zip = Files.newInputStream(bundles.zip(1))) {
      admin.objectStoreManagement().create(ObjectStoreConfiguration.builder("routes").build());
      admin.objectStore("routes").put("1.zip", zip);
    }
    azure.desire("edge-1", desired);
  }

  @Test
  void collectorAndGatewayWorkAsSeparateUsers() throws Exception {
    RuntimeProcess gateway =
        runtime("gateway", "(gateway-|on-error|serve-gateways).*", "azure", "REPLICA_ID", "a");
    until(() -> gateway.get("/health/ready").status() == 200);
    RuntimeProcess collector = runtime("collector", "(collect-|on-error|serve-sample).*", "");
    until(() -> collector.get("/health/ready").status() == 200);
    until(() -> !arrived.isEmpty() && azure.reported("edge-1").size() > 0);
    assertThat(nats.log()).doesNotContain("Violation");
    assertThat(gateway.output()).noneMatch(line -> line.contains(" WARN "));
    assertThat(collector.output()).noneMatch(line -> line.contains(" WARN "));
  }

  @Test
  void namesAMissingPermissionAndTheFix() throws Exception {
    RuntimeProcess gateway = runtime("gateway", ".*", "azure");
    until(
        () ->
            gateway.output().stream()
                    .anyMatch(
                        line ->
                            line.contains(
                                "this user may not publish to \"telemetry.edge-1.metrics\"; grant"
                                    + " the permission on the server (docs/nats.conf)"))
                && gateway.output().stream()
                    .anyMatch(
                        line -> line.contains("may not subscribe to \"commands.edge-1.ping\"")));
    assertThat(arrived).noneMatch(message -> message.topic().contains("/messages/events/"));
  }

  @Test
  void userReaderCanOnlyRead() throws Exception {
    runtime("routes", "(collect|on-error).*", "");
    try (Connection connection = connect("reader")) {
      assertThat(connection.subscribe("telemetry.>").nextMessage(SOON)).isNotNull();
      connection.publish("telemetry.edge-1.metrics", new byte[0]);
      until(() -> nats.log().contains("Publish Violation"));
    }
  }

  private Connection connect(String user) throws Exception {
    return Nats.connect(
        Options.builder()
            .server("tls://localhost:" + nats.port())
            .sslContext(new TlsFiles(settings(), "ca", "certificate", "key").get())
            .noResolveHostnames()
            .userInfo(user, "CHANGE-" + user)
            .errorListener(new ErrorListener() {})
            .build());
  }

  private Settings settings() {
    var context = new DefaultCamelContext();
    var properties = new Properties();
    properties.setProperty("ca", ca.toString());
    properties.setProperty("certificate", certificate.toString());
    properties.setProperty("key", key.toString());
    context.getPropertiesComponent().setInitialProperties(properties);
    return new Settings(context);
  }

  private String dead(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("dead"));
    all.addAll(List.of(words));
    return subcommand(all.toArray(String[]::new));
  }

  private String subcommand(String... words) throws Exception {
    Map<String, String> settings = settings("routes");
    settings.put("DEVICE_ID", "edge-1");
    try (RuntimeProcess command = RuntimeProcess.start(settings, words)) {
      command.awaitExit();
      return String.join("\n", command.output());
    }
  }

  /** The subjects that clients have used so far. */
  private Set<String> done(String verb) {
    return NatsPermissions.done(nats.log(), verb);
  }

  /** The lines of the user routes that could be removed without effect. */
  private static List<String> unused(String what, Set<String> done) throws IOException {
    String user = Files.readString(FILE).split("user: routes")[1].split("user: ")[0];
    return NatsPermissions.unused(NatsPermissions.list(user, what + ": { allow: ["), done);
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(SOON).ignoreExceptions().until(condition);
  }
}
