package routes.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import routes.Certificates;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** The stand-in clouds and a plain broker, each with one device that may connect. */
public final class SandboxClouds implements AutoCloseable {
  private final Path directory;
  private final String host;
  private final SandboxAzure azure;
  private final SandboxAws aws;
  private final SandboxGoogle google;
  private final SandboxBroker broker = new SandboxBroker();
  private final SandboxConsole console;
  private final Map<String, String> settings = new LinkedHashMap<>();

  /**
   * Starts them for this machine alone, on their usual ports, or on free ones, and prints where.
   *
   * @param directory for certificates, and a folder a cloud for what arrives
   */
  SandboxClouds(Path directory, String device) throws IOException {
    this(
        directory, device, "localhost", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /**
   * @param host what clients call this machine
   * @param consoleAddress where the console listens
   */
  SandboxClouds(Path directory, String device, String host, InetSocketAddress consoleAddress)
      throws IOException {
    this.directory = directory;
    this.host = host;
    Path folder = directory.resolve("certificates").toAbsolutePath();
    delete(folder);
    Certificates certificates = new Certificates(Files.createDirectories(folder));
    azure = new SandboxAzure(directory.resolve("azure"), certificates).register(device);
    aws = new SandboxAws(directory.resolve("aws"), certificates, device);
    google = new SandboxGoogle(directory.resolve("google"), certificates).register(device);
    start("azure", azure, 8883, "MQTT 3.1.1, SAS token");
    start("aws", aws, 8884, "MQTT 5, client certificate");
    start("google", google, 8885, "MQTT 3.1.1, JWT");
    broker.at(host).listen(new SampleLines("mqtt")).start(1883);
    String url =
        "tcp://%s:%d".formatted(host.equals("localhost") ? "127.0.0.1" : host, broker.port());
    Sandbox.say("mqtt", url, "any MQTT, any user");
    List<SandboxCloud> clouds = List.of(azure, aws, google);
    console = new SandboxConsole(clouds, device, consoleAddress);
    settings.put("GATEWAYS", "azure,aws,google,mqtt");
    settings.put("DEVICE_ID", device);
    settings.put("MQTT_URL", url);
    clouds.forEach(cloud -> settings.putAll(cloud.settings()));
    settings.put("SANDBOX_URL", console.url());
  }

  private void start(String name, SandboxBroker cloud, int port, String credential) {
    cloud.at(host).listen(new SampleLines(name)).start(port);
    Sandbox.say(
        name,
        "ssl://" + host + ":" + cloud.port(),
        credential + "; what arrives is in " + directory.resolve(name));
  }

  /** A folder with all that is in it. */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The runtime's, as environment variables. */
  Map<String, String> settings() {
    return settings;
  }

  @Override
  public void close() {
    console.close();
    List.of(azure, aws, google, broker).forEach(SandboxBroker::close);
  }
}
