package routes.routefiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/**
 * Route files as Kubernetes mounts them: links into {@code ..data}, which is a link that is
 * swapped.
 */
@Tag("slow")
@Timeout(90)
class MountedFolderTest {
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

  @TempDir Path folder;
  private Path mount;
  private int generation;
  private RuntimeProcess runtime;

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
  }

  private static Map<String, String> routes(String... namesAndAnswers) {
    Map<String, String> routes = new LinkedHashMap<>();
    for (int i = 0; i < namesAndAnswers.length; i += 2) {
      String name = namesAndAnswers[i];
      routes.put(name, ROUTE.formatted(name, name, namesAndAnswers[i + 1]));
    }
    return routes;
  }

  /**
   * Updates like the kubelet: writes new files, swaps the link atomically, updates links, and
   * deletes the old files.
   */
  private void swap(Map<String, String> files) throws IOException {
    mount = Files.createDirectories(folder.resolve("mount"));
    Path data = mount.resolve("..data");
    Path old = Files.exists(data) ? data.toRealPath() : null;
    Path next = Files.createDirectory(mount.resolve("..2026_11_28_" + ++generation));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(next.resolve(file.getKey() + ".camel.yaml"), file.getValue());
    }
    Path fresh = Files.createSymbolicLink(mount.resolve("..data_tmp"), next.getFileName());
    Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    for (String name : files.keySet()) {
      Path link = mount.resolve(name + ".camel.yaml");
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of("..data", name + ".camel.yaml"));
      }
    }
    for (Path link : list(mount)) {
      if (!Files.exists(link)) {
        Files.delete(link);
      }
    }
    if (old != null) {
      for (Path file : list(old)) {
        Files.delete(file);
      }
      Files.delete(old);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private void start(Path directory) throws IOException {
    runtime = RuntimeProcess.start(Map.of("ROUTES_DIRECTORY", directory.toString()));
  }

  private void answers(String path, String body) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> runtime.get("/" + path).body(), body::equals);
  }

  private void gone(String path) {
    await().atMost(Duration.ofSeconds(60)).until(() -> runtime.get("/" + path).status() == 404);
  }

  private List<String> lines(String part) {
    return runtime.output().stream().filter(line -> line.contains(part)).toList();
  }

  @Test
  void aSwapChangesAddsAndRemovesRoutes() throws Exception {
    swap(routes("one", "first", "two", "other", "three", "third"));
    start(mount);
    answers("one", "first");
    answers("three", "third");
    swap(routes("one", "second", "two", "other", "four", "new"));
    answers("one", "second");
    answers("four", "new");
    gone("three");
    answers("two", "other");
    assertThat(lines("route stopped"))
        .satisfiesExactly(line -> assertThat(line).contains("/three.camel.yaml: removed"));
    assertThat(lines("loaded")).as("unchanged routes are not restarted").hasSize(2);
    assertThat(lines("ERROR")).isEmpty();
    swap(routes("one", "third", "two", "other", "four", "new"));
    answers("one", "third");
  }

  @Test
  void aRouteCanMoveToAnotherFile() throws Exception {
    swap(routes("one", "first"));
    start(mount);
    answers("one", "first");
    swap(Map.of("renamed", ROUTE.formatted("one", "one", "second")));
    answers("one", "second");
    swap(
        Map.of(
            "a", ROUTE.formatted("one", "one", "third"),
            "renamed", ROUTE.formatted("other", "other", "fourth")));
    answers("one", "third");
    answers("other", "fourth");
    assertThat(lines("ERROR")).isEmpty();
  }

  @Test
  void aSwapToAnInvalidFileKeepsTheRoute() throws Exception {
    swap(routes("one", "first"));
    start(mount);
    answers("one", "first");
    swap(Map.of("one", ROUTE.formatted("one", "one", "x").replace("setBody", "setBodyy")));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !lines("one.camel.yaml:8: Unknown node id: setBodyy").isEmpty());
    assertThat(lines("; the old version keeps running")).hasSize(1);
    answers("one", "first");
  }

  @Test
  void theFolderCanBeALinkThatIsReplaced() throws Exception {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    Files.writeString(first.resolve("one.camel.yaml"), ROUTE.formatted("one", "one", "first"));
    Files.writeString(second.resolve("one.camel.yaml"), ROUTE.formatted("one", "one", "second"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), first);
    start(link);
    answers("one", "first");
    Files.delete(link);
    await().atMost(Duration.ofSeconds(60)).until(() -> !lines("its routes keep running").isEmpty());
    answers("one", "first");
    Files.createSymbolicLink(link, second);
    answers("one", "second");
    assertThat(lines(": removed")).isEmpty();
  }

  @Test
  void aSingleFileCanBeALink() throws Exception {
    Path files = Files.createDirectory(folder.resolve("files"));
    Path routes = Files.createDirectory(folder.resolve("routes"));
    Path real = Files.writeString(files.resolve("real"), ROUTE.formatted("one", "one", "first"));
    Files.createSymbolicLink(routes.resolve("one.camel.yaml"), real);
    start(routes);
    answers("one", "first");
    Files.writeString(real, ROUTE.formatted("one", "one", "second"));
    answers("one", "second");
    Path next = Files.writeString(files.resolve("next"), ROUTE.formatted("one", "one", "third"));
    Files.move(next, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    answers("one", "third");
  }

  @Test
  void aFileWithSeveralNamesCountsOnce() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path one = Files.writeString(real.resolve("one.camel.yaml"), "x");
    Path routes = Files.createDirectory(folder.resolve("routes"));
    Files.createSymbolicLink(routes.resolve("nested"), real);
    Files.createSymbolicLink(routes.resolve("z.camel.yaml"), one);
    Files.createSymbolicLink(routes.resolve("loop"), routes);
    RouteFolder found = RouteFolder.of(routes);
    assertThat(found.routeFiles()).containsExactly(routes.resolve("nested/one.camel.yaml"));
    assertThat(found.unreadable()).isEmpty();
  }
}
