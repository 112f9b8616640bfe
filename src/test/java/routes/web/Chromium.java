package routes.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import routes.sandbox.Ports;

/** A real headless Chromium, driven by chromedriver (W3C WebDriver). */
final class Chromium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process driver;
  private final String url;
  private String session = "";

  /**
   * @param profile a new folder
   */
  Chromium(Path profile) throws IOException {
    int port = Ports.free();
    url = "http://127.0.0.1:" + port;
    driver =
        new ProcessBuilder(find("chromedriver").orElseThrow().toString(), "--port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(this::ready);
    Map<String, Object> options =
        Map.of(
            "binary", find("chromium").orElseThrow().toString(),
            "args",
                List.of(
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--disable-dev-shm-usage",
                    "--hide-scrollbars",
                    "--user-data-dir=" + profile));
    JsonNode made =
        post(
            "",
            Map.of(
                "capabilities",
                Map.of(
                    "alwaysMatch",
                    Map.of(
                        "goog:chromeOptions",
                        options,
                        "goog:loggingPrefs",
                        Map.of("browser", "ALL")))));
    session = "/" + made.path("sessionId").asText();
  }

  /** Whether Chromium and its driver are installed. */
  static boolean isInstalled() {
    return find("chromium").isPresent() && find("chromedriver").isPresent();
  }

  private static Optional<Path> find(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private boolean ready() throws IOException {
    return send(HttpRequest.newBuilder(URI.create(url + "/status"))).path("ready").asBoolean();
  }

  void open(String page) throws IOException {
    post("/url", Map.of("url", page));
  }

  /** Runs a script and returns its result. */
  JsonNode script(String code) throws IOException {
    return post("/execute/sync", Map.of("script", code, "args", List.of()));
  }

  /** The text of the first element that matches a selector; empty if there is none. */
  String text(String selector) throws IOException {
    return script("return document.querySelector('" + selector + "')?.innerText ?? ''").asText();
  }

  /** A command of the DevTools protocol. */
  JsonNode devTools(String command, Map<String, ?> parameters) throws IOException {
    return post("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  /** Sets the size of the window, and the colours that the reader prefers: light or dark. */
  void show(int width, int height, String colours) throws IOException {
    devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    devTools(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
  }

  void screenshot(Path file) throws IOException {
    String png = devTools("Page.captureScreenshot", Map.of("format", "png")).path("data").asText();
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(png));
  }

  /** What the console has shown since the last call. */
  List<String> console() throws IOException {
    List<String> lines = new ArrayList<>();
    post("/se/log", Map.of("type", "browser"))
        .forEach(line -> lines.add(line.path("level").asText() + " " + line.path("message")));
    return lines;
  }

  private JsonNode post(String path, Map<String, ?> body) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(url + "/session" + session + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> response =
          http.send(
              request.timeout(Duration.ofSeconds(90)).build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(response.body());
      }
      return JSON.readTree(response.body()).path("value");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Ends the browser and its driver. */
  @Override
  public void close() {
    try {
      if (!session.isEmpty()) {
        send(HttpRequest.newBuilder(URI.create(url + "/session" + session)).DELETE());
      }
    } catch (IOException e) {
      // it has ended
    }
    driver.descendants().forEach(ProcessHandle::destroyForcibly);
    driver.destroyForcibly().onExit().join();
  }
}
