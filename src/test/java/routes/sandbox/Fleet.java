package routes.sandbox;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Five real nats-servers on loopback, from the files in fleet/: the hub's servers hub-1 to hub-3,
 * and the leaf nodes leaf-1 and leaf-2. Each can be killed, wiped and restarted with the same ports
 * and data. The leaf nodes' connections lead through proxies, which can be cut.
 */
public final class Fleet implements AutoCloseable {
  public static final List<String> HUB = List.of("hub-1", "hub-2", "hub-3");
  public static final List<String> LEAVES = List.of("leaf-1", "leaf-2");

  private static final List<String> HUB_ROUTES =
      List.of(
          "recipes/gateway-mqtt-hub.camel.yaml",
          "routes-yaml/on-error.camel.yaml",
          "routes-yaml/serve-home.camel.yaml",
          "routes-yaml/serve-metrics.camel.yaml",
          "routes-yaml/serve-gateways.camel.yaml");

  /** This machine only can connect. */
  private static final String PASSWORD = "trial";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final String binary;
  private final Path folder;
  private final Map<String, Integer> ports = new HashMap<>();
  private final Map<String, List<FaultProxy>> links = new HashMap<>();
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final Map<String, UnaryOperator<String>> edits = new HashMap<>();
  private final Map<String, String> passwords = new HashMap<>();
  private List<String> hub = HUB;
  private final List<Connection> connections = new ArrayList<>();
  private final Thread abandoned = new Thread(this::end);

  /**
   * @param binary the path of nats-server
   * @param folder for data and logs
   * @param port gives the port to use instead of a usual one
   */
  public Fleet(String binary, Path folder, IntUnaryOperator port) throws IOException {
    this.binary = binary;
    this.folder = Files.createDirectories(folder);
    for (int i = 0; i < HUB.size(); i++) {
      ports.put(HUB.get(i), port.applyAsInt(4222 + i));
      ports.put("cluster-" + HUB.get(i), port.applyAsInt(6222 + i));
      ports.put("leaf-nodes-" + HUB.get(i), port.applyAsInt(7422 + i));
    }
    for (int i = 0; i < LEAVES.size(); i++) {
      ports.put(LEAVES.get(i), port.applyAsInt(4231 + i));
    }
  }

  /** On free ports, and leaf nodes behind proxies. The servers end with this process. */
  public static Fleet behindProxies(String binary, Path folder) throws IOException {
    Fleet fleet = new Fleet(binary, folder, usual -> Ports.free());
    Runtime.getRuntime().addShutdownHook(fleet.abandoned);
    for (String leaf : LEAVES) {
      fleet.links.put(
          leaf,
          HUB.stream().map(hub -> new FaultProxy(fleet.ports.get("leaf-nodes-" + hub))).toList());
    }
    return fleet;
  }

  /** With only the first of the hub's servers. */
  public Fleet withHubOf(int servers) {
    hub = HUB.subList(0, servers);
    return this;
  }

  /**
   * Changes a server's configuration before its next start.
   *
   * @param name a server, or users for the users of the hub
   */
  public Fleet edit(String name, UnaryOperator<String> change) {
    edits.put(name, change);
    return this;
  }

  /** Starts all servers. Returns when the hub has elected a leader. */
  public Fleet start() throws IOException {
    for (String name : hub) {
      start(name);
    }
    for (String name : LEAVES) {
      start(name);
    }
    Awaitility.await("servers answer")
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(50))
        .atMost(PATIENCE)
        .until(() -> processes.keySet().stream().allMatch(this::answers));
    Awaitility.await("the hub has a leader")
        .pollInSameThread()
        .ignoreExceptions()
        .atMost(PATIENCE)
        .until(
            () -> admin().jetStreamManagement().getAccountStatistics().getDomain().equals("hub"));
    return this;
  }

  /** Starts one server on the ports and data that it had before. */
  public void start(String name) throws IOException {
    boolean hub = HUB.contains(name);
    String text = Files.readString(Path.of(hub ? "fleet/hub.conf" : "fleet/leaf.conf"));
    Path configuration = folder.resolve(name + ".conf");
    Files.writeString(configuration, edits.getOrDefault(name, same -> same).apply(text));
    writeUsers();
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      // In its own session, so that Ctrl-C stops the runtimes first, which still need NATS.
      command.add(SETSID.toString());
    }
    command.addAll(List.of(binary, "-c", configuration.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(hub ? hubEnvironment(name) : leafEnvironment(name));
    builder.redirectOutput(
        ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".log").toFile()));
    processes.put(name, builder.start());
  }

  private void writeUsers() throws IOException {
    String text = Files.readString(Path.of("fleet/users.conf"));
    Path written = folder.resolve("users.conf.new");
    Files.writeString(written, edits.getOrDefault("users", same -> same).apply(text));
    // At once: a server that reads half of it has no users and accepts everybody.
    Files.move(written, folder.resolve("users.conf"), StandardCopyOption.ATOMIC_MOVE);
  }

  private Map<String, String> hubEnvironment(String name) {
    String servers =
        hub.stream()
            .map(each -> "nats://routes:" + PASSWORD + "@127.0.0.1:" + ports.get("cluster-" + each))
            .collect(Collectors.joining(", ", "[", "]"));
    return Map.of(
        "HUB_NAME", name,
        "HUB_STORE", store(name).toString(),
        "HUB_LISTEN", "127.0.0.1:" + ports.get(name),
        "HUB_CLUSTER_LISTEN", "127.0.0.1:" + ports.get("cluster-" + name),
        "HUB_CLUSTER", servers,
        "HUB_LEAF_LISTEN", "127.0.0.1:" + ports.get("leaf-nodes-" + name),
        "NATS_PASSWORD", PASSWORD,
        "ADMIN_PASSWORD", PASSWORD,
        "CLUSTER_PASSWORD", PASSWORD);
  }

  private Map<String, String> leafEnvironment(String name) {
    List<Integer> hub =
        links.containsKey(name)
            ? links.get(name).stream().map(FaultProxy::port).toList()
            : HUB.stream().map(server -> ports.get("leaf-nodes-" + server)).toList();
    String servers =
        hub.stream()
            .map(port -> "nats://%s:%s@127.0.0.1:%d".formatted(name, leafPassword(name), port))
            .collect(Collectors.joining(", ", "[", "]"));
    return Map.of(
        "LEAF_NAME",
        name,
        "LEAF_STORE",
        store(name).toString(),
        "LEAF_LISTEN",
        "127.0.0.1:" + ports.get(name),
        "HUB_URLS",
        servers);
  }

  /** A leaf node's password in fleet/users.conf, or the one it has been given since. */
  private String leafPassword(String name) {
    return passwords.getOrDefault(name, "CHANGE-" + name);
  }

  /** Gives a leaf node another password. The hub learns it at once, the leaf node at its start. */
  public void changePassword(String leaf, String password) throws Exception {
    edit("users", text -> text.replace("password: CHANGE-" + leaf, "password: " + password));
    passwords.put(leaf, password);
    writeUsers();
    for (String name : hub) {
      new ProcessBuilder("kill", "-HUP", "" + processes.get(name).pid()).start().waitFor();
    }
  }

  private Path store(String name) {
    return folder.resolve(name);
  }

  /** Whether a server accepts clients. */
  public boolean answers(String name) {
    if (!processes.get(name).isAlive()) {
      throw new IllegalStateException(name + " ended: " + log(name));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", ports.get(name)), 500);
      socket.setSoTimeout(500);
      return socket.getInputStream().read() == 'I'; // INFO {...}
    } catch (IOException e) {
      return false;
    }
  }

  /** What a server wrote so far. */
  public String log(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Process process(String name) {
    return processes.get(name);
  }

  /** SIGKILL. */
  public void kill(String name) {
    processes.get(name).destroyForcibly().onExit().join();
  }

  /** Deletes a server's streams. The server must not run. */
  public void wipe(String name) throws IOException {
    SandboxClouds.delete(store(name));
  }

  /** The connections of a leaf node to the hub end, and new ones are refused. */
  public void cut(String leaf) {
    links.get(leaf).forEach(FaultProxy::down);
  }

  public void heal(String leaf) {
    links.get(leaf).forEach(FaultProxy::heal);
  }

  /**
   * The hub's addresses for NATS_SERVERS.
   *
   * @param user admin or routes
   */
  public String hub(String user) {
    return HUB.stream()
        .map(name -> "nats://" + user + ":" + PASSWORD + "@127.0.0.1:" + ports.get(name))
        .collect(Collectors.joining(","));
  }

  /** Addresses of servers, for people. */
  String addresses(List<String> names) {
    return names.stream()
        .map(name -> "nats://127.0.0.1:" + ports.get(name))
        .collect(Collectors.joining(", "));
  }

  /** A leaf node's address for NATS_SERVERS. */
  public String leaf(String name) {
    return "nats://127.0.0.1:" + ports.get(name);
  }

  /** Creates the stream of a leaf node, as the runtime on it does. */
  public void createTelemetry(String leaf) throws Exception {
    try (Connection connection = Nats.connect(leaf(leaf))) {
      connection
          .jetStreamManagement()
          .addStream(
              StreamConfiguration.builder()
                  .name("TELEMETRY")
                  .subjects("telemetry.*.>")
                  .storageType(StorageType.File)
                  .build());
    }
  }

  /** Makes the hub collect the telemetry of a leaf node, with the command {@code leaf add}. */
  public void collect(String leaf) throws Exception {
    leafCommand("add", leaf);
  }

  /** Runs the command {@code leaf} on the hub, and returns its exit code and its output. */
  public String leafCommand(String... words) throws Exception {
    Map<String, String> settings =
        Map.of("NATS_SERVERS", hub("admin"), "BUS_REPLICAS", "3", "BUS_MAX_BYTES", "256MB");
    String[] arguments = new String[words.length + 1];
    arguments[0] = "leaf";
    System.arraycopy(words, 0, arguments, 1, words.length);
    try (RuntimeProcess command = RuntimeProcess.start(settings, arguments)) {
      int code = command.awaitExit();
      return code + " " + String.join("\n", command.output());
    }
  }

  /** A folder with the hub's route files: the recipe, and those that need no permissions. */
  public Path hubRoutes() throws IOException {
    Path routes = Files.createDirectories(folder.resolve("routes"));
    for (String name : HUB_ROUTES) {
      Path file = Path.of(name);
      Files.copy(file, routes.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    return routes;
  }

  /** A connection to the hub that follows its servers. It is closed with the fleet. */
  public synchronized Connection admin() throws IOException, InterruptedException {
    for (Connection open : connections) {
      if (open.getStatus() == Connection.Status.CONNECTED) {
        return open;
      }
    }
    Connection made =
        Nats.connect(
            new Options.Builder()
                .servers(hub("admin").split(","))
                .connectionTimeout(Duration.ofSeconds(5))
                .noReconnect()
                .errorListener(new io.nats.client.ErrorListener() {})
                .build());
    connections.add(made);
    return made;
  }

  /** Stops all servers. */
  public void end() {
    for (Process process : processes.values()) {
      process.destroy();
    }
    for (Process process : processes.values()) {
      if (process.onExit().completeOnTimeout(null, 10, TimeUnit.SECONDS).join() == null) {
        process.destroyForcibly().onExit().join();
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (Connection connection : connections) {
      connection.close();
    }
    links.values().forEach(proxies -> proxies.forEach(FaultProxy::close));
    end();
    Runtime.getRuntime().removeShutdownHook(abandoned);
  }
}
