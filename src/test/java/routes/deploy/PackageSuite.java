package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nats.client.JetStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.NatsServer;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxBroker;

/**
 * The Debian package and the tarball of {@code mvn -Pdist verify}: real dpkg installs, upgrades,
 * removes and purges the package in a throwaway copy of this machine's file system. systemd is not
 * running there, so its units are analysed, and their programs started without their sandbox.
 */
@Tag("slow")
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class PackageSuite {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String SETTINGS = "/etc/cloud-iot-routes/settings.properties";
  private static final String ROUTES = "/etc/cloud-iot-routes/routes";
  private static final List<String> UNITS =
      List.of("cloud-iot-routes.service", "cloud-iot-routes-nats.service");
  private static final Pattern EXPOSURE = Pattern.compile("exposure level for \\S+: ([0-9.]+)");

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private ThrowawayRoot root;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg")), "dpkg is not installed");
    root = ThrowawayRoot.in(Files.createDirectory(folder.resolve("root")));
    assumeTrue(
        root.run("sh", "-c", "command -v deb-systemd-helper adduser systemd-analyze setpriv >&2")
                .exitCode()
            == 0,
        "systemd, init-system-helpers, adduser or util-linux is not installed");
    assumeTrue(
        root.run("dpkg", "-s", "cloud-iot-routes").exitCode() != 0,
        "cloud-iot-routes is installed on this machine");
  }

  @AfterEach
  void close() throws Exception {
    if (root != null) {
      root.close();
    }
  }

  private static Path built(String ending) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("cloud-iot-routes.*" + ending))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("mvn -Pdist package builds it"))
          .toAbsolutePath();
    }
  }

  private static Path deb() throws IOException {
    return built("_all\\.deb");
  }

  /** The package under another version, after the shell commands have changed its files. */
  private Path repacked(String version, String commands) throws Exception {
    Path deb = folder.resolve("cloud-iot-routes_" + version + "_all.deb");
    Path files = folder.resolve("package-" + version);
    Process process =
        new ProcessBuilder(
                "sh",
                "-ec",
                "dpkg-deb -R \"$1\" \"$2\"; cd \"$2\"\n"
                    + ("sed -i 's/^Version:.*/Version: " + version + "/' DEBIAN/control\n")
                    + commands
                    + "\ndpkg-deb -Znone -b . \"$3\"",
                "sh",
                deb().toString(),
                files.toString(),
                deb.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return deb;
  }

  private void install(Path deb) throws Exception {
    ThrowawayRoot.Result result =
        root.run("dpkg", "--force-confdef", "--force-confold", "-i", deb.toString());
    assumeTrue(
        !result.output().contains("dependency problems"), "not installable: " + result.output());
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  private static void awaitOutput(RuntimeProcess runtime, String text) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(runtime.output()).anyMatch(line -> line.contains(text)));
  }

  @Test
  void installsStartsAndPurges() throws Exception {
    install(deb());
    assertThat(root.sh("id -gn cloud-iot-routes")).isEqualTo("cloud-iot-routes");
    assertThat(root.sh("stat -c '%a %U %G' " + SETTINGS)).isEqualTo("640 root cloud-iot-routes");
    assertThat(root.sh("stat -c '%a %U' /etc/cloud-iot-routes/secrets")).isEqualTo("700 root");
    for (String unit : UNITS) {
      root.sh("test -L /etc/systemd/system/multi-user.target.wants/" + unit);
    }
    assertThat(root.sh("cloud-iot-routes --version")).matches("cloud-iot-routes \\d+\\.\\d+.*");
    assertThat(root.sh("cloud-iot-routes check")).contains("settings").contains("files OK");

    root.sh("sed -i 's#^nats.servers.*#nats.servers = " + nats.url() + "#' " + SETTINGS);
    try (RuntimeProcess runtime = root.startService(Map.of("COLLECT_PERIOD", "1s"))) {
      awaitOutput(runtime, "settings in " + SETTINGS + ", routes in " + ROUTES);
      awaitOutput(runtime, "gateways is not set");
      await().atMost(SOON).until(() -> runtime.get("/").status() == 200);
      await()
          .atMost(SOON)
          .until(
              () ->
                  nats.connection()
                          .jetStreamManagement()
                          .getStreamInfo("TELEMETRY")
                          .getStreamState()
                          .getMsgCount()
                      > 0);
    }
    root.sh("touch /var/lib/cloud-iot-routes/collect-period");
    root.sh("mkdir -p /var/lib/private/cloud-iot-routes-nats/jetstream");

    root.sh("touch " + ROUTES + "/mine.camel.yaml /etc/cloud-iot-routes/secrets/mqtt.password");
    root.sh("dpkg --remove cloud-iot-routes");
    root.sh("test ! -e /usr/share/cloud-iot-routes && test ! -e /usr/bin/cloud-iot-routes");
    root.sh("test -f " + SETTINGS + " && test -f " + ROUTES + "/mine.camel.yaml");
    root.sh("dpkg --purge cloud-iot-routes");
    assertThat(root.left("cloud-iot-routes"))
        .as("what is left")
        // the JVM's performance data, which is gone with the unit's PrivateTmp
        .allMatch(path -> path.startsWith("/tmp/hsperfdata_"));
    assertThat(root.run("id", "cloud-iot-routes").exitCode()).isNotZero();
    assertThat(root.sh("find /etc/systemd /var/lib/systemd -name '*cloud-iot-routes*'")).isEmpty();
  }

  @Test
  void anUpgradeKeepsEditedFilesAndReplacesTheOthers() throws Exception {
    install(deb());
    root.sh("echo 'device.id = mine' >>" + SETTINGS);
    root.sh("sed -i '1i # mine' " + ROUTES + "/gateway-mqtt.camel.yaml");
    root.sh("rm " + ROUTES + "/serve-sample.camel.yaml");
    root.sh(
        "cp " + ROUTES + "/gateway-mqtt.camel.yaml " + ROUTES + "/gateway-mqtt-plant.camel.yaml");
    root.sh("chmod 600 " + SETTINGS);
    install(
        repacked(
            "99.0",
            """
            echo '# new' >>etc/cloud-iot-routes/settings.properties
            for name in gateway-mqtt gateway-aws serve-sample; do
              echo '# new' >>etc/cloud-iot-routes/routes/$name.camel.yaml
            done
            """));
    assertThat(root.sh("dpkg-query -W -f '${Version}' cloud-iot-routes")).isEqualTo("99.0");
    assertThat(root.sh("tail -n 1 " + SETTINGS)).isEqualTo("device.id = mine");
    assertThat(root.sh("stat -c %a " + SETTINGS)).isEqualTo("600");
    assertThat(root.sh("head -n 1 " + ROUTES + "/gateway-mqtt.camel.yaml")).isEqualTo("# mine");
    assertThat(root.sh("tail -n 1 " + ROUTES + "/gateway-aws.camel.yaml")).isEqualTo("# new");
    root.sh("test -f " + ROUTES + "/gateway-mqtt-plant.camel.yaml");
    root.sh("test ! -e " + ROUTES + "/serve-sample.camel.yaml");
    for (String unit : UNITS) {
      root.sh("test -L /etc/systemd/system/multi-user.target.wants/" + unit);
    }
  }

  /** A secret reaches the settings under its file's name, for the unit and for check. */
  @Test
  void secretsAreFilesThatAreNamedLikeTheSetting() throws Exception {
    install(deb());
    root.sh("echo 'gateways = azure' >>" + SETTINGS);
    assertThat(root.run("cloud-iot-routes", "check").output())
        .contains("azure.connection-string: is not set");
    root.write(
        "/etc/cloud-iot-routes/secrets/azure.connection-string",
        "HostName=hub.azure-devices.net;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==\n");
    ThrowawayRoot.Result check = root.run("cloud-iot-routes", "check");
    assertThat(check.output()).doesNotContain("is not set").contains("files OK");
    assertThat(check.exitCode()).isZero();
  }

  @Test
  void theUnitsAreValidAndConfined() throws Exception {
    install(deb());
    // verify looks for the programs
    root.sh(
        "printf '#!/bin/sh\\n' >/usr/local/bin/nats-server; chmod 755 /usr/local/bin/nats-server");
    for (String unit : UNITS) {
      String path = "/lib/systemd/system/" + unit;
      ThrowawayRoot.Result verified = root.run("systemd-analyze", "verify", "--man=no", path);
      assertThat(verified.output().lines().filter(line -> line.contains("cloud-iot-routes")))
          .isEmpty();
      assertThat(verified.exitCode()).isZero();
      String security = root.sh("systemd-analyze security --no-pager --offline=yes " + path);
      Matcher exposure = EXPOSURE.matcher(security);
      assertThat(exposure.find()).as(security).isTrue();
      System.out.println(unit + ": systemd-analyze security " + exposure.group(1));
      assertThat(Double.parseDouble(exposure.group(1))).as(security).isLessThan(2.5);
    }
  }

  /** The packaged configuration, apart from the port, on which another NATS may listen here. */
  @Test
  void thePackagedNatsListensOnThisMachineOnlyAndHasJetStream() throws Exception {
    install(deb());
    int port = Ports.free();
    root.sh("sed -i 's/:4223/:" + port + "/' /etc/cloud-iot-routes/nats.conf");
    Process found = new ProcessBuilder("tools/nats-server").start();
    String binary = new String(found.getInputStream().readAllBytes()).strip();
    root.sh("cp '" + Path.of(binary).toAbsolutePath() + "' /usr/local/bin/nats-server");
    String start = root.sh("sed -n 's/^ExecStart=//p' /lib/systemd/system/" + UNITS.get(1));
    Process server =
        new ProcessBuilder(root.command(start.split(" ")))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("nats.log").toFile())
            .start();
    try {
      await()
          .atMost(SOON)
          .until(() -> Files.readString(folder.resolve("nats.log")).contains("Server is ready"));
      assertThat(Files.readString(folder.resolve("nats.log")))
          .contains("Starting JetStream")
          .contains("Listening for client connections on 127.0.0.1:" + port);
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  /** Two versions share a backlog: what one leaves on the bus, the other delivers. */
  @Test
  void aBacklogSurvivesAnUpgradeAndItsRollback() throws Exception {
    Path previous =
        System.getProperty("deb.previous") == null
            ? repacked("0.0.1", "")
            : Path.of(System.getProperty("deb.previous")).toAbsolutePath();
    int port = Ports.free();
    install(previous);
    root.write(
        SETTINGS,
        """
        routes.directory = %s
        data.directory = /var/lib/cloud-iot-routes
        routes.include = gateway-*,serve-*,on-error
        nats.servers = %s
        device.id = edge-1
        gateways = mqtt
        mqtt.url = tcp://127.0.0.1:%d
        """
            .formatted(ROUTES, nats.url(), port));
    fillWhileTheBrokerIsAway("old", 500);
    install(deb());
    assertThat(drain(port, 500)).isEqualTo(payloads("old", 500));
    fillWhileTheBrokerIsAway("new", 500);
    root.sh("dpkg --force-downgrade --force-confold -i " + previous);
    assertThat(drain(port, 500)).isEqualTo(payloads("new", 500));
  }

  private static Set<String> payloads(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + "-" + i).collect(Collectors.toSet());
  }

  private void fillWhileTheBrokerIsAway(String name, int count) throws Exception {
    try (RuntimeProcess runtime = root.startService(Map.of())) {
      awaitOutput(runtime, "gateway-mqtt");
      await()
          .atMost(SOON)
          .until(() -> runtime.get("/api/gateways").body().contains("\"state\":\"unreachable\""));
      JetStream stream = nats.connection().jetStream();
      for (String payload : payloads(name, count)) {
        stream.publish("telemetry.edge-1.orders", payload.getBytes());
      }
      await()
          .atMost(SOON)
          .until(() -> runtime.get("/api/gateways").body().contains("\"backlog\":" + count));
    }
  }

  private Set<String> drain(int port, int count) throws Exception {
    Set<String> arrived = ConcurrentHashMap.newKeySet();
    try (SandboxBroker broker =
            new SandboxBroker().listen(message -> arrived.add(message.text())).start(port);
        RuntimeProcess runtime = root.startService(Map.of())) {
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(arrived)
                      .as(() -> runtime.output() + "")
                      .hasSizeGreaterThanOrEqualTo(count));
      await()
          .atMost(SOON)
          .until(() -> runtime.get("/api/gateways").body().contains("\"backlog\":0"));
    }
    return arrived;
  }

  @Test
  void theTarballStartsFromAnyFolder() throws Exception {
    Path tarball = built("\\.tar\\.gz");
    root.sh("mkdir /srv/edge && tar xzf " + tarball + " -C /srv/edge --strip-components=1");
    assertThat(root.sh("cd / && /srv/edge/bin/cloud-iot-routes check")).contains("files OK");
    root.sh("echo 'collect.period = 10q' >>/srv/edge/settings.properties");
    ThrowawayRoot.Result wrong = root.run("/srv/edge/bin/cloud-iot-routes");
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.output()).contains("/srv/edge/settings.properties:").contains("10q");
    root.sh("sed -i '$d' /srv/edge/settings.properties");
    try (RuntimeProcess runtime =
        RuntimeProcess.startCommand(
            root.command("/srv/edge/bin/cloud-iot-routes"), Map.of("NATS_SERVERS", nats.url()))) {
      await().atMost(SOON).until(() -> runtime.get("/").status() == 200);
      awaitOutput(runtime, "routes in /srv/edge/routes-yaml");
    }
  }
}
