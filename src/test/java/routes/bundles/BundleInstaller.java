package routes.bundles;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Puts one bundle after another in use until it is killed, as a device does, without the network.
 * Arguments: the folder, and the first version.
 */
final class BundleInstaller {
  private BundleInstaller() {}

  public static void main(String... args) throws Exception {
    // loads the classes first, so that the process is killed while it works
    BundleState.of(BundleState.NONE.json());
    BundleFolder folder = new BundleFolder(Path.of(args[0]));
    Archive.pack(Files.createDirectories(Path.of(args[0], "none")), folder.download("none"));
    System.out.println("started with " + folder.start().current());
    folder.write(folder.state().started(0));
    folder.clean();
    for (int version = Integer.parseInt(args[1]); ; version++) {
      install(folder, version);
    }
  }

  private static void install(BundleFolder folder, int version) throws Exception {
    Path zip = folder.download("0".repeat(64));
    Path content = Files.createDirectories(zip.resolveSibling("content"));
    for (int file = 0; file < 5; file++) {
      Files.writeString(content.resolve("r" + file + ".camel.yaml"), text(version));
    }
    Archive.pack(content, zip);
    folder.unpack(zip, version);
    Files.delete(zip);
    BundleState state = folder.state();
    folder.write(state.probation(version, List.of("routes")));
    BundleState next = folder.state();
    folder.write(version % 3 == 0 ? next.rolledBack("it fails") : next.accepted());
    folder.clean();
  }

  static String text(int version) {
    return ("# version " + version + "\n").repeat(2000);
  }
}
