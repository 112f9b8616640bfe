package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Arrived;
import routes.sandbox.FaultProxy;
import routes.sandbox.RuntimeProcess;
import routes.sandbox.SandboxMqtt;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;

/** Two processes with the same gateways and one NATS server. */
@Tag("slow")
@Timeout(300)
class ReplicasTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  /** The promise is 10 s, on a machine that has nothing else to do. */
  private static final Duration TAKEOVER = Duration.ofSeconds(30);

  /** Longer than a lease, so that whoever wants to reconnect has done so. */
  private static final Duration WHILE = Duration.ofSeconds(8);

  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  private final Set<String> arrived = ConcurrentHashMap.newKeySet();
  private final Map<String, String> settings = new HashMap<>();
  private final List<RuntimeProcess> processes = new ArrayList<>();
  private SandboxAzure azure;
  private int sent;

  @BeforeEach
  void prepare() throws IOException {
    azure =
        new SandboxAzure(
                folder.resolve("azure"),
                new Certificates(Files.createDirectory(folder.resolve("pem"))))
            .register("edge-1");
    azure.listen(message -> arrived.add(message.text())).start(0);
    Path routes = Files.createDirectory(folder.resolve("routes"));
    RoutesYaml.copyTo(routes, "(on-error|gateway-.*|commands-.*|serve-gateways)\\.camel\\.yaml");
    settings.putAll(azure.settings());
    settings.put("GATEWAYS", "azure");
    settings.put("DEVICE_ID", "edge-1");
    settings.put("NATS_SERVERS", nats.url());
    settings.put("RECONNECT_MIN", "100ms");
    settings.put("ROUTES_DIRECTORY", routes.toString());
  }

  @AfterEach
  void stop() throws Exception {
    for (RuntimeProcess process : processes) {
      signal(process, "CONT");
      process.close();
    }
    azure.close();
  }

  private RuntimeProcess start(String replica, String... more) throws IOException {
    Map<String, String> own = new HashMap<>(settings);
    own.put("REPLICA_ID", replica);
    own.put("DATA_DIRECTORY", folder.resolve("data-" + replica).toString());
    for (int i = 0; i < more.length; i += 2) {
      own.put(more[i], more[i + 1]);
    }
    RuntimeProcess process = RuntimeProcess.start(own);
    processes.add(process);
    return process;
  }

  private void until(Duration limit, Callable<Boolean> condition) throws Exception {
    try {
      await().atMost(limit).pollInterval(Duration.ofMillis(100)).until(condition);
    } catch (ConditionTimeoutException e) {
      String outputs =
          processes.stream()
              .map(process -> String.join("\n", process.output()))
              .collect(Collectors.joining("\n\n"));
      throw new AssertionError(outputs + "\n" + azure.refusals(), e);
    }
  }

  private static boolean is(RuntimeProcess process, String state) throws Exception {
    return process.get("/api/gateways").body().contains("\"state\":\"" + state + "\"");
  }

  private void becomes(RuntimeProcess process, String state) throws Exception {
    until(SOON, () -> is(process, state));
  }

  private void send(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      byte[] payload = ("\"" + sent++ + "\"").getBytes(StandardCharsets.UTF_8);
      nats.connection().jetStream().publish("telemetry.edge-1.count", payload);
    }
  }

  /** Messages in flight at a process that was killed are redelivered after 30 s. */
  private void allArrive() throws Exception {
    Set<String> all =
        IntStream.range(0, sent).mapToObj(i -> "\"" + i + "\"").collect(Collectors.toSet());
    until(SOON, () -> arrived.containsAll(all));
  }

  private static void signal(RuntimeProcess process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.process().pid()))
        .start()
        .waitFor(10, TimeUnit.SECONDS);
  }

  private static void pass(Duration time) {
    await().during(time).atMost(time.multipliedBy(3)).until(() -> true);
  }

  private void takesOver(RuntimeProcess process, String what, long since) throws Exception {
    until(TAKEOVER, () -> is(process, "connected"));
    System.out.printf("takeover %s: %d ms%n", what, (System.nanoTime() - since) / 1_000_000);
  }

  @Test
  void standbyTakesOverFromAKilledReplica() throws Exception {
    RuntimeProcess a = start("a");
    becomes(a, "connected");
    RuntimeProcess b = start("b");
    becomes(b, "standby");
    until(SOON, () -> b.get("/health/ready").status() == 200);
    send(200);
    long killed = System.nanoTime();
    a.process().destroyForcibly().onExit().join();
    send(200);
    takesOver(b, "after SIGKILL", killed);
    send(100);
    allArrive();
    RuntimeProcess again = start("a");
    becomes(again, "standby");
    pass(WHILE);
    assertThat(is(b, "connected")).isTrue();
    assertThat(azure.takeovers()).isZero();
    assertThat(b.output())
        .anyMatch(
            line -> line.contains("gateway-azure - replica b is standby: replica a is active"))
        .anyMatch(line -> line.contains("gateway-azure - replica b is active"));

    long stopped = System.nanoTime();
    b.close();
    takesOver(again, "after SIGTERM", stopped);
    assertThat(azure.takeovers()).isZero();
  }

  @Test
  void frozenReplicaReturnsAsStandby() throws Exception {
    RuntimeProcess a = start("a");
    becomes(a, "connected");
    RuntimeProcess b = start("b");
    becomes(b, "standby");
    send(100);
    signal(a, "STOP");
    long frozen = System.nanoTime();
    send(100);
    takesOver(b, "after SIGSTOP", frozen);
    // The hub ended the connection of the frozen process, which had not said goodbye.
    assertThat(azure.takeovers()).isEqualTo(1);
    send(100);
    signal(a, "CONT");
    becomes(a, "standby");
    pass(WHILE);
    assertThat(is(a, "standby")).isTrue();
    assertThat(is(b, "connected")).isTrue();
    assertThat(azure.takeovers()).isEqualTo(1);
    allArrive();
  }

  @Test
  void oneReplicaIsActiveAfterAnOutageOfNats() throws Exception {
    RuntimeProcess a = start("a");
    becomes(a, "connected");
    RuntimeProcess b = start("b");
    becomes(b, "standby");
    send(50);
    nats.kill();
    until(SOON, () -> !is(a, "connected") && !is(b, "connected"));
    nats.start();
    send(50);
    until(SOON, () -> is(a, "connected") ^ is(b, "connected"));
    allArrive();
    pass(WHILE);
    assertThat(is(a, "connected") ^ is(b, "connected")).isTrue();
    assertThat(is(a, "standby") ^ is(b, "standby")).isTrue();
    assertThat(azure.takeovers()).isZero();
  }

  @Test
  void replicaWithoutNatsGivesWay() throws Exception {
    try (FaultProxy proxy = new FaultProxy(nats.port())) {
      RuntimeProcess a = start("a", "NATS_SERVERS", "nats://127.0.0.1:" + proxy.port());
      becomes(a, "connected");
      RuntimeProcess b = start("b");
      becomes(b, "standby");
      long cut = System.nanoTime();
      proxy.blackHole();
      send(100);
      takesOver(b, "from a replica without NATS", cut);
      allArrive();
      assertThat(azure.takeovers()).isZero();
      assertThat(is(a, "connected")).isFalse();
    }
  }

  @Test
  void replicasOfABrokerAreAllActiveAndRunEachCommandOnce() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    nats.connection()
        .createDispatcher(
            request -> {
              asked.add(new String(request.getData(), StandardCharsets.UTF_8));
              nats.connection().publish(request.getReplyTo(), "{}".getBytes());
            })
        .subscribe("commands.edge-1.turn");
    nats.connection().flush(Duration.ofSeconds(10));
    List<Arrived> messages = new CopyOnWriteArrayList<>();
    try (SandboxMqtt broker = new SandboxMqtt(folder.resolve("landed"))) {
      broker.listen(messages::add).start(0);
      settings.putAll(broker.settings());
      settings.put("GATEWAYS", "mqtt");
      settings.put("COMMANDS_ALLOW", "turn");
      RuntimeProcess a = start("a");
      RuntimeProcess b = start("b");
      becomes(a, "connected");
      becomes(b, "connected");
      assertThat(broker.clients()).contains("edge-1-a", "edge-1-b");
      until(
          SOON,
          () -> {
            send(100);
            Set<String> senders =
                messages.stream().map(Arrived::clientId).collect(Collectors.toSet());
            return senders.containsAll(Set.of("edge-1-a", "edge-1-b"));
          });
      for (int i = 0; i < 10; i++) {
        assertThat(broker.command("edge-1", "turn", "" + i).get(60, TimeUnit.SECONDS).status())
            .isEqualTo(200);
      }
      pass(Duration.ofSeconds(2));
      assertThat(asked).hasSize(10);
      assertThat(broker.takeovers()).isZero();
    }
  }

  @Test
  void replicasAtAwsShareAThingOrHaveTheirOwn() throws Exception {
    Certificates pem = new Certificates(Files.createDirectory(folder.resolve("aws")));
    Set<String> topics = ConcurrentHashMap.newKeySet();
    try (SandboxAws cloud = new SandboxAws(folder.resolve("landed"), pem)) {
      cloud
          .listen(
              message -> {
                arrived.add(message.text());
                topics.add(message.topic());
              })
          .start(0);
      settings.putAll(cloud.settings());
      settings.put("GATEWAYS", "aws");
      RuntimeProcess a = start("a");
      becomes(a, "connected");
      RuntimeProcess b = start("b");
      becomes(b, "standby");
      send(20);
      long killed = System.nanoTime();
      a.process().destroyForcibly().onExit().join();
      send(20);
      takesOver(b, "at AWS", killed);
      allArrive();

      Certificates.Identity own = pem.client("edge-1-c", Certificates.rsa());
      String policy = SandboxAws.policy(Path.of("docs/aws-policy.json"));
      cloud.register(own.certificate(), policy, "edge-1-c");
      RuntimeProcess c =
          start(
              "c",
              "AWS_THING",
              "edge-1-c",
              "AWS_CERTIFICATE",
              pem.write(own.certificate()).toString(),
              "AWS_PRIVATE_KEY",
              pem.writePkcs8(own.keys().getPrivate()).toString());
      becomes(c, "connected");
      until(
          SOON,
          () -> {
            send(20);
            return topics.containsAll(Set.of("devices/edge-1/count", "devices/edge-1-c/count"));
          });
      assertThat(is(b, "connected")).isTrue();
      assertThat(cloud.takeovers()).isZero();
    }
  }

  @Test
  void logsAnotherVersionOfTheRouteInOneLine() throws Exception {
    RuntimeProcess a = start("a");
    becomes(a, "connected");
    Path other = Files.createDirectory(folder.resolve("other"));
    RoutesYaml.copyTo(other, "(on-error|gateway-.*|serve-gateways)\\.camel\\.yaml");
    Path file = other.resolve("gateway-azure.camel.yaml");
    Files.writeString(file, Files.readString(file) + "\n# edited\n");
    RuntimeProcess b = start("b", "ROUTES_DIRECTORY", other.toString());
    becomes(b, "standby");
    until(SOON, () -> b.output().stream().anyMatch(line -> line.contains("another version")));
    pass(Duration.ofSeconds(2));
    assertThat(b.output())
        .filteredOn(line -> line.contains("another version"))
        .singleElement()
        .asString()
        .contains("gateway-azure - replica a has another version of the route file (");
    assertThat(a.output()).noneMatch(line -> line.contains("another version"));
  }
}
