package routes.sandbox;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The runtime as a separate process, with settings from its environment. */
public final class RuntimeProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** An installed runtime's settings must not affect this one. */
  static final String NO_SETTINGS_FILE = "-Dcloud-iot-routes.settings=/dev/null";

  private static final String JAVA = System.getProperty("java.home") + "/bin/java";

  private final Process process;
  private final Thread reader;
  private final List<String> output = new CopyOnWriteArrayList<>();
  private final int port;

  private RuntimeProcess(Process process, int port) {
    this.process = process;
    this.port = port;
    this.reader = new Thread(this::read, "runtime-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts the classes under test, on a free HTTP port unless {@code settings} names one. */
  public static RuntimeProcess start(Map<String, String> settings, String... words)
      throws IOException {
    List<String> command =
        // as in the jar's manifest and jvm.options; otherwise Java 25 prints warnings
        command("--enable-native-access=ALL-UNNAMED", "-Dio.netty.noUnsafe=true");
    command.addAll(List.of(words));
    return startCommand(command, settings);
  }

  /** Starts the packaged jar with its shipped flags. */
  public static RuntimeProcess startJar(Map<String, String> settings) throws IOException {
    return startCommand(
        List.of(JAVA, "@jvm.options", NO_SETTINGS_FILE, "-jar", "target/cloud-iot-routes.jar"),
        settings);
  }

  /** The command that starts the classes under test. */
  public static List<String> command(String... flags) throws IOException {
    String libraries = classPath(entry -> entry.endsWith(".jar"));
    String classPath = libraries + File.pathSeparator + classPath(RuntimeProcess::isUnderTest);
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(LibraryArchive.flags(JAVA, libraries, classPath));
    command.addAll(List.of(flags));
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", NO_SETTINGS_FILE));
    command.addAll(List.of("-cp", classPath, "routes.EdgeRuntime"));
    return command;
  }

  /** Starts it with a program that executes the runtime. */
  public static RuntimeProcess startCommand(List<String> command, Map<String, String> settings)
      throws IOException {
    Map<String, String> environment = new HashMap<>(settings);
    environment.putIfAbsent("HTTP_PORT", String.valueOf(Ports.free()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    String port = environment.get("HTTP_PORT");
    return new RuntimeProcess(builder.start(), port.matches("\\d+") ? Integer.parseInt(port) : 0);
  }

  private static String classPath(Predicate<String> entries) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entries)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Without the test classes, so that the runtime cannot use them. */
  private static boolean isUnderTest(String entry) {
    return !entry.endsWith(".jar") && !entry.matches(".*test-classes/?");
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      // it has ended
    }
  }

  /** The lines printed so far. */
  public List<String> output() {
    return output;
  }

  public Process process() {
    return process;
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  /** The status and body of a GET; status 0 if nothing answers. */
  public Answer get(String path) throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url(path))).build();
    try {
      HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      return new Answer(response.statusCode(), response.body(), type);
    } catch (IOException e) {
      return new Answer(0, e.toString(), "");
    }
  }

  /**
   * @param status the HTTP status
   * @param type the header Content-Type, or an empty string
   */
  public record Answer(int status, String body, String type) {}

  /** Waits until it exits by itself, and returns the exit code. */
  public int awaitExit() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("still running after 60 s: " + output);
    }
    reader.join(TimeUnit.SECONDS.toMillis(10));
    return process.exitValue();
  }

  /** Sends SIGTERM, then SIGKILL after 60 s. */
  @Override
  public void close() {
    process.destroy();
    if (process.onExit().completeOnTimeout(null, 60, TimeUnit.SECONDS).join() == null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
