package routes.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import routes.Certificates;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** The stand-ins that {@code ./run} starts, each with one device that may connect. */
public final class SandboxClouds implements AutoCloseable {
  /** Creates a stand-in. */
  @FunctionalInterface
  interface Maker {
    /**
     * @param landed the folder for arriving messages
     */
    SandboxCloud make(Path landed, Certificates certificates, String device);
  }

  /**
   * Returns a stand-in of the list.
   *
   * @param name the gateway's name
   */
  record StandIn(String name, Maker maker) {}

  /** Every stand-in. To add one, write a class and add a line here; nothing else names them. */
  static final List<StandIn> ALL =
      List.of(
          new StandIn("azure", (landed, pem, id) -> new SandboxAzure(landed, pem).register(id)),
          new StandIn("aws", SandboxAws::new),
          new StandIn("google", (landed, pem, id) -> new SandboxGoogle(landed, pem).register(id)),
          new StandIn("mqtt", (landed, pem, id) -> new SandboxMqtt(landed)));

  private final List<SandboxCloud> clouds = new ArrayList<>();
  private final Map<String, Arrivals> arrivals = new LinkedHashMap<>();
  private final String device;
  private final SandboxConsole console;
  private final Map<String, String> settings = new LinkedHashMap<>();

  /**
   * Starts them for this machine only, on their usual ports or on free ones, and prints their
   * addresses.
   *
   * @param directory for certificates, and one folder per stand-in for arriving messages
   */
  public SandboxClouds(Path directory, String device) throws IOException {
    this(
        directory, device, "localhost", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /**
   * @param host what clients call this machine
   * @param consoleAddress where the console listens
   */
  SandboxClouds(Path directory, String device, String host, InetSocketAddress consoleAddress)
      throws IOException {
    this.device = device;
    Path folder = directory.resolve("certificates").toAbsolutePath();
    delete(folder);
    Certificates certificates = new Certificates(Files.createDirectories(folder));
    settings.put("GATEWAYS", ALL.stream().map(StandIn::name).collect(Collectors.joining(",")));
    settings.put("DEVICE_ID", device);
    Map<String, MessageStream> streams = new LinkedHashMap<>();
    for (StandIn standIn : ALL) {
      Path landed = directory.resolve(standIn.name());
      SandboxCloud cloud = standIn.maker().make(landed, certificates, device);
      clouds.add(cloud);
      MessageStream stream = new MessageStream();
      streams.put(cloud.name(), stream);
      Arrivals counted = new Arrivals();
      arrivals.put(cloud.name(), counted);
      cloud.listenToRefusals(new RefusalLines(cloud.name()));
      cloud.open(
          host, cloud.usualPort(), new SampleLines(cloud.name()).andThen(stream).andThen(counted));
      settings.putAll(cloud.settings());
      settings.putAll(cloud.views());
      Sandbox.say(cloud.name(), cloud.url(), cloud.protocol() + "; messages in " + landed);
    }
    console = new SandboxConsole(clouds, streams, device, consoleAddress);
    settings.put("SANDBOX_URL", console.url());
    for (String name : streams.keySet()) {
      String variable = "SANDBOX_" + name.toUpperCase(Locale.ROOT) + "_MESSAGES";
      settings.put(variable, console.url() + "/" + name + "/messages");
    }
  }

  /**
   * Allows {@code ./run cut} and {@code ./run kill}.
   *
   * @param nats null if the server at the url was not started by ./run
   */
  void stage(String natsUrl, SandboxNats nats) {
    console.stage(new Outages(clouds, arrivals, device, natsUrl, nats));
  }

  /** The names of the clouds, all of which send commands. */
  List<String> names() {
    return clouds.stream().map(SandboxCloud::name).toList();
  }

  /**
   * A stand-in of the list, not started.
   *
   * @param landed the folder for arriving messages
   * @param device the device that may connect
   */
  public static SandboxCloud make(
      String name, Path landed, Certificates certificates, String device) {
    return ALL.stream()
        .filter(standIn -> standIn.name().equals(name))
        .findFirst()
        .orElseThrow()
        .maker()
        .make(landed, certificates, device);
  }

  /** Deletes a folder with its content. */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The runtime's settings, as environment variables. */
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public void close() {
    console.close();
    clouds.forEach(SandboxCloud::close);
  }
}
