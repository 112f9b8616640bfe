package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.MeanBroker;
import routes.sandbox.RuntimeProcess;
import routes.settings.HostName;

/**
 * The {@code camel run} of docs/install.md, by tools/camel: the same runtime, compiled from its
 * sources.
 */
@Tag("slow")
@Timeout(900)
class CamelJBangTest {
  /** A machine with an empty Maven repository downloads libraries before it compiles. */
  private static final Duration START = Duration.ofSeconds(480);

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern COMMAND =
      Pattern.compile("## camel-jbang\n.*?(?m:^[^\n]*\\bcamel run ([^\n]*)$)", Pattern.DOTALL);

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final MeanBroker broker = new MeanBroker();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();
  private final Map<String, String> settings = new HashMap<>();
  private RuntimeProcess runtime;

  @BeforeEach
  void settings() throws IOException {
    broker.listen(arrived::add).start(0);
    settings.put(
        "ROUTES_DIRECTORY",
        RoutesYaml.copyTo(Files.createDirectory(folder.resolve("routes"))).toString());
    settings.put("DATA_DIRECTORY", folder.resolve("data").toString());
    settings.put("NATS_SERVERS", nats.url());
    settings.put("COLLECT_PERIOD", "500ms");
    settings.put("GATEWAYS", "mqtt");
    settings.put("MQTT_URL", "tcp://127.0.0.1:" + broker.port());
    settings.put("MQTT_USERNAME", "edge");
    settings.put(
        "MQTT_PASSWORD_FILE", Files.writeString(folder.resolve("password"), "secret\n").toString());
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
    broker.close();
  }

  @Test
  void deliversSamplesReloadsRoutesAndStopsOnASignal() throws Exception {
    List<String> onTheBus = new CopyOnWriteArrayList<>();
    var bus = nats.connection();
    bus.createDispatcher(message -> onTheBus.add(message.getSubject())).subscribe("telemetry.>");
    bus.flush(SOON);

    whenStarted();
    until("a sample on the bus", START, () -> !onTheBus.isEmpty());
    String device = HostName.of(Path.of("/")).replaceFirst("\\..*", "");
    assertThat(onTheBus).containsOnly("telemetry." + device + ".metrics");
    until("a sample at the broker", SOON, () -> !arrived.isEmpty());
    assertThat(arrived.get(0).topic()).isEqualTo("devices/" + device + "/metrics");
    assertThat(broker.connects)
        .as("one connection, with the password from its file")
        .singleElement()
        .satisfies(connect -> assertThat(connect.password()).hasValue("secret"));
    until("readiness", SOON, () -> runtime.get("/health/ready").status() == 200);
    assertThat(runtime.get("/").body()).startsWith("<!doctype html>").contains("/assets/page.js?");

    Path gateway = Path.of(settings.get("ROUTES_DIRECTORY"), "gateway-mqtt.camel.yaml");
    String good = Files.readString(gateway);
    edit(gateway, good.replace("ref: mqtt", "reff: mqtt"));
    until(
        "the error",
        SOON,
        () -> said("gateway-mqtt.camel.yaml:\\d+: .*the old version keeps running"));
    int before = arrived.size();
    until("the old route keeps running", SOON, () -> arrived.size() > before);
    String header =
        "        - setHeader:\n            name: CamelPahoMqtt5OverrideTopic\n            expression:\n"
            + "              constant:\n                expression: edited\n";
    edit(gateway, good.replace("        - to:", header + "        - to:"));
    until("the edit", SOON, () -> arrived.get(arrived.size() - 1).topic().equals("edited"));

    assertThat(runtime.output()).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));

    runtime.process().toHandle().destroy(); // Process.destroy() would also close its output
    assertThat(runtime.process().waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(runtime.awaitExit()).isZero();
    assertThat(runtime.output())
        .anyMatch(line -> line.matches(".*GracefulStop .*stopped; 0 messages returned.*"));
    await("the farewell").atMost(SOON).until(() -> broker.farewells.get() == 1);
  }

  @Test
  void reportsAnInvalidSettingInOneLine() throws Exception {
    settings.put("MQTT_URL", "http://127.0.0.1");
    whenStarted();
    boolean exited = runtime.process().waitFor(START.toSeconds(), TimeUnit.SECONDS);
    assertThat(exited).as(log()).isTrue();
    assertThat(runtime.awaitExit()).isEqualTo(1);
    assertThat(runtime.output())
        .as(log())
        .noneMatch(line -> line.startsWith("\tat "))
        .filteredOn(line -> line.startsWith("cloud-iot-routes: "))
        .singleElement()
        .asString()
        .contains("mqtt.url");
  }

  private void whenStarted() throws IOException {
    Matcher line = COMMAND.matcher(Files.readString(Path.of("docs/install.md")));
    assertThat(line.find()).as("camel run in docs/install.md").isTrue();
    List<String> command = new ArrayList<>(List.of("tools/camel", "run"));
    command.addAll(List.of(line.group(1).split(" ")));
    runtime = RuntimeProcess.startCommand(command, settings);
  }

  private void until(String what, Duration limit, Callable<Boolean> condition) {
    await()
        .atMost(limit)
        .failFast(
            "it has exited", () -> assertThat(runtime.process().isAlive()).as("%s", log()).isTrue())
        .untilAsserted(() -> assertThat(condition.call()).as("%s:%s", what, log()).isTrue());
  }

  private String log() {
    return "\n" + String.join("\n", runtime.output()) + "\n";
  }

  private boolean said(String pattern) {
    Pattern line = Pattern.compile(pattern);
    return runtime.output().stream().anyMatch(text -> line.matcher(text).find());
  }

  /** Saves as editors do: writes another file and renames it. */
  private static void edit(Path file, String text) throws IOException {
    assertThat(Files.readString(file)).isNotEqualTo(text);
    Files.move(
        Files.writeString(file.resolveSibling("saved"), text),
        file,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
