package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** The effect of editing a route file while the runtime keeps running. */
class RouteReloadTest {
  private static final String ROUTE =
      """
      - route:
          id: %s
          from:
            uri: platform-http
            parameters:
              path: /%s
            steps:
              - setBody:
                  constant: %s
      """;

  @TempDir Path directory;
  private RuntimeProcess runtime;

  @BeforeEach
  void twoRoutes() throws Exception {
    write("one", ROUTE.formatted("one", "one", "first"));
    write("two", ROUTE.formatted("two", "two", "other"));
    runtime = RuntimeProcess.start(Map.of("ROUTES_DIRECTORY", directory.toString()));
    answers("/one", "first", Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() throws Exception {
    runtime.close();
  }

  @Test
  void anEditTakesEffectWithinTwoSeconds() throws Exception {
    write("one", ROUTE.formatted("one", "one", "second"));
    answers("/one", "second");
    answers("/two", "other");
  }

  @Test
  void keepsTheOldRouteAfterAnInvalidEditAndNamesTheLine() throws Exception {
    String good = ROUTE.formatted("one", "one", "second");
    brokenBy(
        "one", good.replace("setBody", "setBodyy"), "one.camel.yaml:8: Unknown node id: setBodyy");
    brokenBy("one", good.replace("path:", "pth:"), "one.camel.yaml");
    brokenBy(
        "one",
        good.replace("uri: platform-http", "uri: platfrm"),
        "one.camel.yaml:4: unknown component platfrm");
    brokenBy("one", good.replace("steps:", "steps"), "one.camel.yaml:7");
    write("one", good);
    answers("/one", "second");
  }

  @Test
  void filesOutsideRoutesIncludeAreNeitherLoadedNorReloaded() throws Exception {
    runtime.close();
    Map<String, String> settings =
        Map.of("ROUTES_DIRECTORY", directory.toString(), "ROUTES_INCLUDE", "on*,other");
    write("other", ROUTE.formatted("other", "other", "third"));
    runtime = RuntimeProcess.start(settings);
    answers("/one", "first", Duration.ofSeconds(20));
    answers("/other", "third");
    write("two", ROUTE.formatted("two", "two", "edited"));
    write("other", "- routeConfiguration: {}\n");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> runtime.output().toString().contains("other.camel.yaml: reloaded"));
    assertThat(runtime.get("/two").status()).isEqualTo(404);
    write("one", ROUTE.formatted("one", "one", "second"));
    answers("/one", "second");
  }

  @Test
  void namesAFileThatIsNotText() throws Exception {
    Files.write(directory.resolve("binary.camel.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                runtime.output().stream()
                    .anyMatch(line -> line.contains("binary.camel.yaml: not UTF-8 text")));
    answers("/one", "first");
  }

  @Test
  void startsNewFilesAndStopsDeletedOnes() throws Exception {
    write("three", ROUTE.formatted("three", "three", "new"));
    answers("/three", "new");
    Files.delete(directory.resolve("three.camel.yaml"));
    await().atMost(Duration.ofSeconds(20)).until(() -> runtime.get("/three").status() == 404);
    answers("/two", "other");
  }

  @Test
  void noFileStopsTheWatch() throws Exception {
    write("deep", "[".repeat(5_000));
    told("deep.camel.yaml: nested too deeply");
    write("large", "#".repeat(2 << 20));
    told("large.camel.yaml: larger than 1 MB");
    Path zero = directory.resolve("zero.camel.yaml");
    Files.createSymbolicLink(zero, Path.of("/dev/zero"));
    write("one", ROUTE.formatted("one", "one", "second"));
    answers("/one", "second");
    Files.delete(zero);
  }

  @Test
  void reportsOnceAFileThatWouldNotBeLoaded() throws Exception {
    Path file = directory.resolve("three.yaml");
    Files.writeString(file, ROUTE.formatted("three", "three", "new"));
    told("three.yaml: not loaded; the name must end in .camel.yaml");
    Files.writeString(file, ROUTE.formatted("three", "three", "newer"));
    Files.move(file, directory.resolve("three.camel.yaml"));
    answers("/three", "newer");
    assertThat(runtime.output()).filteredOn(line -> line.contains("not loaded")).hasSize(1);
  }

  @Test
  void deletingAFileThatNeverRanStopsNoRoute() throws Exception {
    write("three", ROUTE.formatted("three", "three", "new").replace("setBody", "setBodyy"));
    told("three.camel.yaml:8: ");
    Files.delete(directory.resolve("three.camel.yaml"));
    told("three.camel.yaml: removed");
    assertThat(runtime.output()).noneMatch(line -> line.contains("route stopped"));
  }

  private void told(String what) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> runtime.output().stream().anyMatch(line -> line.contains(what)));
  }

  @Test
  void aVersionThatFailsToStartIsReplacedByTheLastValidOne() throws Exception {
    write("one", failing("one", 1));
    told("one.camel.yaml");
    answers("/one", "first", Duration.ofSeconds(60));
    write("one", ROUTE.formatted("one", "one", "second"));
    answers("/one", "second", Duration.ofSeconds(60));
  }

  @Test
  void aDeletedRouteThatNeverStartedStaysDeleted() throws Exception {
    try (ServerSocket broker = new ServerSocket(0)) {
      int port = broker.getLocalPort();
      broker.close();
      write("three", failing("three", port));
      told("three.camel.yaml");
      Files.delete(directory.resolve("three.camel.yaml"));
      told("three.camel.yaml: removed");
      try (ServerSocket again = new ServerSocket(port)) {
        again.setSoTimeout(5_000);
        write("one", ROUTE.formatted("one", "one", "second"));
        answers("/one", "second", Duration.ofSeconds(60));
        assertThatThrownBy(again::accept).isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  /** A route whose broker is unavailable, without a gateway. */
  private static String failing(String id, int port) {
    return ROUTE.formatted(id, id, "new")
        + "        - to:\n"
        + "            uri: paho-mqtt5:topic\n"
        + "            parameters:\n"
        + "              brokerUrl: tcp://127.0.0.1:"
        + port
        + "\n";
  }

  @Test
  void renamingARouteRemovesTheOldOne() throws Exception {
    write("one", ROUTE.formatted("renamed", "renamed", "first"));
    answers("/renamed", "first");
    await().atMost(Duration.ofSeconds(20)).until(() -> runtime.get("/one").status() == 404);
  }

  @Test
  void rejectsARouteIdOfAnotherFile() throws Exception {
    brokenBy("one", ROUTE.formatted("two", "one", "second"), "its id is also in");
    answers("/two", "other");
  }

  @Test
  void aChangedErrorHandlingReachesEveryRoute() throws Exception {
    write(
        "on-error",
        """
        - routeConfiguration:
            onException:
              - onException:
                  exception: [java.lang.Exception]
                  handled:
                    constant: "true"
                  steps:
                    - setBody:
                        constant: rescued
        """);
    write(
        "two",
        ROUTE.formatted("two", "two", "other")
            + "        - throwException:\n"
            + "            message: on purpose\n"
            + "            exceptionType: java.lang.IllegalStateException\n");
    answers("/two", "rescued");
    write(
        "on-error",
        Files.readString(directory.resolve("on-error.camel.yaml")).replace("rescued", "saved"));
    answers("/two", "saved");
  }

  private void brokenBy(String name, String text, String says) throws Exception {
    write(name, text);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> runtime.output().stream().anyMatch(line -> line.contains(says)));
    assertThat(runtime.get("/one").body()).isEqualTo("first");
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(directory.resolve(name + ".camel.yaml"), text);
  }

  private void answers(String path, String body) {
    answers(path, body, Duration.ofSeconds(2));
  }

  private void answers(String path, String body, Duration within) {
    await().atMost(within).until(() -> runtime.get(path).body(), body::equals);
  }
}
