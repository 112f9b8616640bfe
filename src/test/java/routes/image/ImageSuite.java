package routes.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.NatsServer;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/**
 * The files that tools/image lays out for the image run, with the packaged jar. Skipped without a
 * JDK 25. {@code mvn verify} runs it after packaging.
 */
@Tag("slow")
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class ImageSuite {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long MEGABYTE = 1_000_000;

  /** As on a read-only root file system: /tmp is not writable, and the class cache is mandatory. */
  private static final List<String> READ_ONLY =
      List.of("-XX:AOTMode=on", "-Djava.io.tmpdir=/proc", "-Duser.home=/proc");

  @RegisterExtension static final NatsServer NATS = new NatsServer();
  @TempDir static Path folder;

  private static Layout layout;

  @BeforeAll
  static void layOut() throws Exception {
    Optional<Path> jdk = Layout.jdk25();
    assumeTrue(jdk.isPresent(), "no JDK 25: set JAVA_HOME to one");
    layout = layOut(jdk.get(), "image");
  }

  private static Layout layOut(Path jdk, String name) throws Exception {
    Path target = folder.resolve(name);
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder("tools/image", target.toString());
    builder.environment().put("JAVA_HOME", jdk.toString());
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(() -> read(log)).isZero();
    return new Layout(target);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Map<String, String> settings(String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("NATS_SERVERS", NATS.url());
    settings.put("DEVICE_ID", "edge-1");
    settings.put("ROUTES_DIRECTORY", layout.path("routes").toString());
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("COLLECT_PERIOD", "1s");
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  @Test
  void publishesASampleFromAReadOnlyRootAndStopsOnSigterm() throws Exception {
    Connection bus = NATS.connection();
    try (RuntimeProcess runtime = layout.start(settings(), READ_ONLY)) {
      await()
          .atMost(SOON)
          .ignoreException(JetStreamApiException.class)
          .until(
              () ->
                  bus.jetStreamManagement()
                      .getLastMessage("TELEMETRY", "telemetry.edge-1.metrics")
                      .getData(),
              sample -> new String(sample).contains("\"cpu\""));
      assertThat(healthcheck(runtime.url(""))).isZero();
      assertThat(memory(runtime, "VmRSS")).as("resident, kB").isLessThan(140_000);
      assertThat(memory(runtime, "RssAnon")).as("not page cache, kB").isLessThan(80_000);
      runtime.close();
      assertThat(runtime.awaitExit()).isZero();
      assertThat(runtime.output()).noneMatch(line -> line.contains("WARN"));
    }
  }

  @Test
  void sendsASampleOverTls() throws Exception {
    goesOutByTls(layout);
  }

  /** Before Java 22, elliptic curves, which TLS to every cloud needs, are in a separate module. */
  @Test
  void sendsASampleOverTlsFromAnOlderJava() throws Exception {
    assumeTrue(Runtime.version().feature() < 25, "the tests run on no older Java");
    goesOutByTls(layOut(Path.of(System.getProperty("java.home")), "older"));
  }

  private static void goesOutByTls(Layout layout) throws Exception {
    Certificates certificates = new Certificates(folder);
    SSLContext tls =
        certificates.serverContext(certificates.server("localhost", Certificates.ec()));
    CountDownLatch arrived = new CountDownLatch(1);
    try (SandboxBroker broker = new SandboxBroker().withTls(tls, false)) {
      broker.listen(message -> arrived.countDown()).start(0);
      Map<String, String> settings =
          settings(
              "ROUTES_DIRECTORY",
              layout.path("routes").toString(),
              "DEVICE_ID",
              "edge-tls",
              "GATEWAYS",
              "mqtt",
              "MQTT_URL",
              "ssl://localhost:" + broker.port(),
              "MQTT_CA",
              certificates.write(certificates.ca().certificate()).toString());
      try (RuntimeProcess runtime = layout.start(settings, List.of())) {
        assertThat(arrived.await(SOON.toSeconds(), TimeUnit.SECONDS))
            .as(() -> runtime.output().toString())
            .isTrue();
      }
    }
  }

  @Test
  void healthCheckFailsIfNothingAnswers() throws Exception {
    assertThat(healthcheck("http://127.0.0.1:1")).isNotZero();
  }

  private static int healthcheck(String url) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(layout.path("app/healthcheck").toString());
    builder.environment().put("HTTP_HOST", "0.0.0.0");
    builder.environment().put("HTTP_INSECURE", "true");
    builder.environment().put("HTTP_PORT", url.replaceAll(".*:", ""));
    return builder.redirectErrorStream(true).start().waitFor();
  }

  private static long memory(RuntimeProcess runtime, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + runtime.process().pid() + "/status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  @Test
  void passesArgumentsToTheRuntime() throws Exception {
    try (RuntimeProcess dead = layout.start(settings(), READ_ONLY, "dead", "list")) {
      assertThat(dead.awaitExit()).as(() -> dead.output().toString()).isZero();
      assertThat(dead.output()).containsExactly("no dead letters");
    }
  }

  @Test
  void reportsAnInvalidSettingInOneLine() throws Exception {
    try (RuntimeProcess wrong = layout.start(settings("COLLECT_PERIOD", "10q"), READ_ONLY)) {
      assertThat(wrong.awaitExit()).isEqualTo(1);
      assertThat(wrong.output())
          .singleElement()
          .asString()
          .startsWith("cloud-iot-routes: collect.period: \"10q\" is not a time");
    }
  }

  @Test
  void classesHaveLineNumbersButNoNamesOfLocalVariables() throws Exception {
    String name = Connection.class.getName().replace('.', '/') + "$Status.class";
    String jar =
        Path.of(Connection.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .getFileName()
            .toString();
    try (ZipFile packed = new ZipFile(layout.path("app/lib/" + jar).toFile())) {
      byte[] content = packed.getInputStream(packed.getEntry(name)).readAllBytes();
      assertThat(new String(content, StandardCharsets.ISO_8859_1))
          .contains("LineNumberTable")
          .doesNotContain("LocalVariableTable");
    }
  }

  @Test
  void hasEveryRouteFileAndKeepsToTheSizeLimits() throws Exception {
    assertThat(layout.path("routes").toFile().list())
        .containsExactlyInAnyOrder(Path.of("routes-yaml").toFile().list());
    assertThat(layout.size("java")).as("java").isLessThan(55 * MEGABYTE);
    boolean pubsub = String.join(" ", layout.path("app/lib").toFile().list()).contains("pubsub");
    assertThat(layout.size("app/lib")).as("app/lib").isLessThan((pubsub ? 60 : 30) * MEGABYTE);
    assertThat(layout.size("app/app.aot")).as("app.aot").isBetween(50 * MEGABYTE, 75 * MEGABYTE);
  }
}
