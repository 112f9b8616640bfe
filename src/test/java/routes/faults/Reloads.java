package routes.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import routes.RoutesYaml;

/** A copy of routes-yaml/ whose files are edited continually. */
final class Reloads {
  private final Path folder;

  private Reloads(Path folder) {
    this.folder = folder;
  }

  /** Restarts the runtime with the copy. */
  static Reloads of(Rig rig) throws Exception {
    Path copy = RoutesYaml.copyTo(Files.createDirectory(rig.folder.resolve("routes")));
    rig.set("ROUTES_DIRECTORY", copy);
    rig.runtime().close();
    rig.startRuntime();
    rig.awaitReady();
    return new Reloads(copy);
  }

  /** Changes a comment, which reloads the file. */
  void edit(String route, int version) throws IOException {
    Path file = folder.resolve(route + ".camel.yaml");
    String text = Files.readString(file).replaceAll("(?m)^# version .*\n", "");
    Files.writeString(file, "# version " + version + "\n" + text);
  }
}
