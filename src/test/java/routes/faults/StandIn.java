package routes.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import routes.Certificates;
import routes.sandbox.FaultProxy;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;
import routes.sandbox.aws.SandboxAws;
import routes.sandbox.azure.SandboxAzure;
import routes.sandbox.google.SandboxGoogle;

/** The stand-in of Azure, AWS or Google, which stores messages in files. */
final class StandIn implements Cloud {
  private static final Pattern DATA = Pattern.compile("\"data\":\"([^\"]*)\"");

  private final String gateway;
  private final Path files;
  private final SandboxBroker broker;
  private final FaultProxy link;
  private final Landings landings = new Landings();

  StandIn(String gateway, Path folder) throws IOException {
    this.gateway = gateway;
    this.files = folder.resolve(gateway);
    Path pem = Files.createDirectories(folder.resolve(gateway + "-pem"));
    Certificates certificates = new Certificates(pem);
    this.broker =
        switch (gateway) {
          case "azure" ->
              new SandboxAzure(files, certificates)
                  .withBatchTime(Duration.ofMillis(200))
                  .register(Rig.DEVICE);
          case "aws" -> new SandboxAws(files, certificates, Rig.DEVICE);
          case "google" -> new SandboxGoogle(files, certificates).register(Rig.DEVICE);
          default -> throw new IllegalArgumentException(gateway);
        };
    broker.listen(message -> landings.arrived(message.text())).start(0);
    this.link = new FaultProxy(broker.port());
  }

  @Override
  public String gateway() {
    return gateway;
  }

  @Override
  public FaultProxy link() {
    return link;
  }

  SandboxBroker broker() {
    return broker;
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(((SandboxCloud) broker).settings());
    settings.replace("AZURE_PORT", String.valueOf(link.port()));
    settings.replace("AWS_ENDPOINT", "localhost:" + link.port());
    settings.replace("GOOGLE_ENDPOINT", "localhost:" + link.port());
    return settings;
  }

  @Override
  public Landings landings() {
    return landings;
  }

  @Override
  public Landings kept() throws IOException {
    Landings found = new Landings();
    if (Files.exists(files)) {
      try (Stream<Path> all = Files.walk(files)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          Files.readString(file).lines().map(StandIn::decoded).forEach(found::arrived);
        }
      }
    }
    return found;
  }

  /** Google's payloads are base64, as Pub/Sub stores them. */
  private static String decoded(String line) {
    Matcher data = DATA.matcher(line);
    return data.find()
        ? new String(Base64.getDecoder().decode(data.group(1)), StandardCharsets.UTF_8)
        : line;
  }

  @Override
  public void close() {
    link.close();
    broker.close();
  }
}
