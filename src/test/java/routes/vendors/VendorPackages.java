package routes.vendors;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import routes.sandbox.SandboxClouds;

/**
 * The vendors' own clients and brokers, by version, below target/vendors. A suite is skipped, with
 * a line on standard output, where pip, npm, Maven or a package is missing.
 */
public final class VendorPackages {
  public static final Path SCRIPTS = Path.of("src/test/resources/vendors").toAbsolutePath();
  private static final Path FOLDER = Path.of("target/vendors").toAbsolutePath();
  private static final int INSTALL_SECONDS = 200;

  private VendorPackages() {}

  /** The folder with the commands of the packages in requirements.txt, including python. */
  public static synchronized Path python() {
    Path folder = FOLDER.resolve("python");
    Path bin = folder.resolve("bin");
    Path wanted = SCRIPTS.resolve("requirements.txt");
    install(
        folder,
        wanted,
        List.of("python3", "-m", "venv", folder.toString()),
        List.of(bin.resolve("pip").toString(), "install", "-q", "-r", wanted.toString()));
    return bin;
  }

  /** The folder node_modules with the packages of package.json. */
  public static synchronized Path node() {
    Path folder = FOLDER.resolve("node");
    Path wanted = SCRIPTS.resolve("package.json");
    List<String> npm = List.of("npm", "install", "--no-audit", "--no-fund", "--loglevel=error");
    List<String> install = new ArrayList<>(npm);
    install.addAll(List.of("--prefix", folder.toString()));
    install(
        folder,
        wanted,
        List.of("cp", wanted.toString(), folder.resolve("package.json").toString()),
        install);
    return folder.resolve("node_modules");
  }

  /** The folder with the jars of HiveMQ CE. */
  static synchronized Path hiveMq() {
    Path folder = FOLDER.resolve("hivemq");
    Path wanted = SCRIPTS.resolve("hivemq/pom.xml");
    Path lib = folder.resolve("lib");
    String copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    List<String> maven = List.of("mvn", "-B", "-q", "-f", wanted.toString(), copy);
    List<String> install = new ArrayList<>(maven);
    install.add("-DoutputDirectory=" + lib);
    install(folder, wanted, install);
    return lib;
  }

  /** Installs unless the packages are installed and the list has not changed. */
  @SafeVarargs
  private static void install(Path folder, Path wanted, List<String>... commands) {
    Path installed = folder.resolve("installed");
    try {
      if (Files.exists(installed) && Files.mismatch(installed, wanted) < 0) {
        return;
      }
      SandboxClouds.delete(folder);
      Files.createDirectories(folder);
      for (List<String> command : commands) {
        Path log = FOLDER.resolve(folder.getFileName() + ".log");
        int code = run(command, log);
        if (code != 0) {
          skip(String.join(" ", command.subList(0, 2)) + " failed, see " + log);
        }
      }
      Files.copy(wanted, installed);
    } catch (IOException e) {
      skip(e.getMessage());
    }
  }

  private static int run(List<String> command, Path log) throws IOException {
    File file = log.toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file).start();
    try {
      if (process.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return -1;
  }

  private static void skip(String why) {
    System.out.println("vendors: skipped: " + why);
    Assumptions.abort(why);
  }

  /** Starts a vendor's client with standard error merged into standard output. */
  public static VendorProcess start(Map<String, String> environment, Object... command)
      throws IOException {
    List<String> words = new ArrayList<>();
    for (Object word : command) {
      words.add(word.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.matches("(AWS|AZURE|PUBSUB)_.*"));
    builder.environment().putAll(environment);
    return new VendorProcess(builder.start());
  }
}
