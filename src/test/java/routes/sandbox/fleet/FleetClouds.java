package routes.sandbox.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import routes.Certificates;
import routes.sandbox.Arrived;
import routes.sandbox.SandboxCloud;
import routes.sandbox.SandboxClouds;

/** The stand-ins, on free ports, and how often devices are connected to them. */
final class FleetClouds implements AutoCloseable {
  /** Each has a desired state. */
  static final List<String> NAMES = List.of("azure", "aws", "google", "mqtt");

  private final List<SandboxCloud> clouds = new ArrayList<>();

  /**
   * @param listener receives each message that arrives
   */
  FleetClouds(Path folder, Certificates certificates, Consumer<Arrived> listener)
      throws IOException {
    for (String name : NAMES) {
      Path landed = Files.createDirectories(folder.resolve(name));
      SandboxCloud cloud = SandboxClouds.make(name, landed, certificates, "nobody");
      cloud.open("localhost", 0, listener);
      clouds.add(cloud);
    }
  }

  SandboxCloud get(int index) {
    return clouds.get(index % clouds.size());
  }

  /** The number of connected devices. */
  int connected() {
    return clouds.stream().mapToInt(cloud -> cloud.clients().size()).sum();
  }

  void disappear() {
    clouds.forEach(SandboxCloud::disappear);
  }

  void reappear() {
    clouds.forEach(SandboxCloud::reappear);
  }

  @Override
  public void close() {
    clouds.forEach(SandboxCloud::close);
  }
}
