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
import java.util.stream.Collectors;

/** The runtime as a process of its own, with settings from its environment. */
public final class RuntimeProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

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
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                // what the jar's manifest and jvm.options say, or Java 25 prints warnings
                "--enable-native-access=ALL-UNNAMED",
                "-Dio.netty.noUnsafe=true",
                "-cp",
                classPath(),
                "routes.EdgeRuntime"));
    arguments.addAll(List.of(words));
    return start(arguments, settings);
  }

  /** Starts the packaged jar with the flags that it is shipped with. */
  public static RuntimeProcess startJar(Map<String, String> settings) throws IOException {
    return start(List.of("@jvm.options", "-jar", "target/cloud-iot-routes.jar"), settings);
  }

  private static RuntimeProcess start(List<String> arguments, Map<String, String> settings)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(arguments);
    return startCommand(command, settings);
  }

  /** What starts the classes under test. */
  public static List<String> command(String... flags) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of(flags));
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classPath()));
    command.add("routes.EdgeRuntime");
    return command;
  }

  /** Starts it by a program that becomes the runtime. */
  public static RuntimeProcess startCommand(List<String> command, Map<String, String> settings)
      throws IOException {
    Map<String, String> environment = new HashMap<>(settings);
    environment.putIfAbsent("HTTP_PORT", String.valueOf(Ports.free()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    String port = environment.get("HTTP_PORT");
    return new RuntimeProcess(builder.start(), port.matches("\\d+") ? Integer.parseInt(port) : 0);
  }

  /** The tests' class path without the tests, so that none of their classes helps out. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("test-classes/"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      // it has ended
    }
  }

  /** The lines it printed so far. */
  public List<String> output() {
    return output;
  }

  public Process process() {
    return process;
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  /** The status and body of a GET; status 0 while nothing answers. */
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
   * @param type the header Content-Type, or an empty text
   */
  public record Answer(int status, String body, String type) {}

  /** Waits for its end by itself and returns the exit code. */
  public int awaitExit() throws InterruptedException {
    if (!process.waitFor(15, TimeUnit.SECONDS)) {
      throw new IllegalStateException("still running after 15 s: " + output);
    }
    reader.join(TimeUnit.SECONDS.toMillis(10));
    return process.exitValue();
  }

  /** SIGTERM, then SIGKILL after 20 s. */
  @Override
  public void close() {
    process.destroy();
    if (process.onExit().completeOnTimeout(null, 20, TimeUnit.SECONDS).join() == null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
